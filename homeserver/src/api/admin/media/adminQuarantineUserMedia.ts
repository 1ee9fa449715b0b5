import { openD1 } from '../../../../../platform/d1.ts';
import { quarantineOfUser } from '../../../storage/d1/media-admin.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#quarantining-all-media-of-a-user */
export const adminQuarantineUserMedia = endpoint({
  operationId: 'adminQuarantineUserMedia',
  method: 'POST',
  paths: ['/_synapse/admin/v1/user/{userId}/media/quarantine'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call, requester) {
    const { userId } = await localUser(call);
    const db = openD1(call.env.DB, call.config.meter);
    return { num_quarantined: await quarantineOfUser(db, userId, requester.userId) };
  },
});
