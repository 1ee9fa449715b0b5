import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';
import { replacePassword } from './change-user.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#reset-password */
export const adminResetPassword = endpoint({
  operationId: 'adminResetPassword',
  method: 'POST',
  paths: ['/_synapse/admin/v1/reset_password/{userId}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ new_password: v.string(), logout_devices: v.optional(v.boolean(), true) }),
  async handler(call) {
    const { userId, appserviceId, deactivatedMs } = await localUser(call);
    if (appserviceId !== null) throw invalidParam('Users of an application service have no password');
    if (deactivatedMs !== null) throw invalidParam('The account is deactivated');
    await replacePassword(call, userId, call.body.new_password, call.body.logout_devices);
    return {};
  },
});
