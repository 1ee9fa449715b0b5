import { openD1 } from '../../../../../platform/d1.ts';
import { readUser } from '../../../storage/d1/user-list.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser, userNotFound } from '../admin-fields.ts';
import { externalIdsOf } from './external-ids.ts';
import { userDetails } from './user-format.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#query-user-account */
export const adminGetUser = endpoint({
  operationId: 'adminGetUser',
  method: 'GET',
  paths: ['/_synapse/admin/v2/users/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler(call) {
    const { userId } = await localUser(call);
    const db = openD1(call.env.DB, call.config.meter);
    const user = await readUser(db, userId);
    if (!user) throw userNotFound();
    return userDetails(user, await externalIdsOf(db, userId, call.config));
  },
});
