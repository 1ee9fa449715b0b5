import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { restrictUser } from '../../../services/admin/restrict-user.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, refuseOneself } from '../admin-fields.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#suspendunsuspend-account */
export const adminSuspendUser = endpoint({
  operationId: 'adminSuspendUser',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/suspend/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ suspend: v.boolean() }),
  async handler(call, requester) {
    const { userId } = await localUser(call);
    const { suspend } = call.body;
    if (suspend) refuseOneself(requester, userId, 'suspend');
    const db = openD1(call.env.DB, call.config.meter);
    const { suspended } = await restrictUser(db, call.stubs, userId, { suspended: suspend });
    return { [`user_${userId}_suspended`]: suspended };
  },
});
