import * as v from 'valibot';
import { forbidden } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { hashPassword } from '../../../services/password.ts';
import { checkPassword } from '../../../services/register-user.ts';
import { authDataSchema } from '../../../services/user-interactive-auth.ts';
import { setPassword } from '../../../storage/d1/accounts.ts';
import { endpoint } from '../../endpoint.ts';
import { requirePassword } from '../interactive-auth.ts';
import { endSessions } from '../login/end-sessions.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountpassword */
export const changePassword = endpoint({
  operationId: 'changePassword',
  method: 'POST',
  paths: ['/_matrix/client/v3/account/password', '/_matrix/client/r0/account/password'],
  auth: 'accessToken',
  rateLimit: 'login',
  body: v.object({
    auth: v.optional(authDataSchema),
    new_password: v.string(),
    logout_devices: v.optional(v.boolean(), true),
  }),
  async handler(call, requester) {
    if (requester.appservice) throw forbidden('Users of an application service have no password');
    const { body, env, config, stubs } = call;
    checkPassword(body.new_password, config);
    await requirePassword(call, requester, 'changePassword');
    const passwordHash = await hashPassword(body.new_password);
    await setPassword(openD1(env.DB, config.meter), requester.userId, passwordHash);
    await stubs.user(requester.userId).forgetPages();
    if (body.logout_devices) {
      const others = (await stubs.user(requester.userId).devices())
        .map(({ deviceId }) => deviceId)
        .filter((deviceId) => deviceId !== requester.deviceId);
      if (others.length > 0) await endSessions(stubs, requester.userId, others);
    }
    return {};
  },
});
