import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { checkPassword } from '../../../services/register-user.ts';
import { replacePassword } from '../../../services/replace-password.ts';
import { endAllSessions } from '../../client/login/end-sessions.ts';
import { endpoint } from '../../endpoint.ts';
import { localUser } from '../admin-fields.ts';

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
    const { body, env, config, stubs } = call;
    checkPassword(body.new_password, config);
    await replacePassword(openD1(env.DB, config.meter), stubs, userId, body.new_password);
    if (body.logout_devices) await endAllSessions(stubs, userId);
    return {};
  },
});
