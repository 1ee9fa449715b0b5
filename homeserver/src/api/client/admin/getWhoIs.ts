import { forbidden } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { readAccount } from '../../../storage/d1/accounts.ts';
import { localUser } from '../../admin/admin-fields.ts';
import { whois } from '../../admin/users/whois.ts';
import { endpoint } from '../../endpoint.ts';
import { userIdParam } from '../room-requests.ts';

/** https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3adminwhoisuserid */
export const getWhoIs = endpoint({
  operationId: 'getWhoIs',
  method: 'GET',
  paths: ['/_matrix/client/v3/admin/whois/{userId}'],
  auth: 'accessToken',
  rateLimit: 'default',
  async handler(call, requester) {
    const { params, env, config, stubs } = call;
    if (userIdParam(params.userId) !== requester.userId) {
      const asking = await readAccount(openD1(env.DB, config.meter), requester.userId);
      if (!asking?.isAdmin || asking.deactivatedMs !== null) throw forbidden('Only for administrators');
    }
    const { userId } = await localUser(call);
    return whois(stubs, userId);
  },
});
