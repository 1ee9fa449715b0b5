import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#list-all-pushers */
export const adminPushers = endpoint({
  operationId: 'adminPushers',
  method: 'GET',
  paths: ['/_synapse/admin/v1/users/{userId}/pushers'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    const pushers = await call.stubs.user(userId).pushers();
    return {
      pushers: pushers.map(({ appId, pushkey, details }) => ({
        kind: 'http',
        ...details,
        app_id: appId,
        pushkey,
      })),
      total: pushers.length,
    };
  },
});
