import { openD1 } from '../../../../../platform/d1.ts';
import { registrationTokenHash } from '../../../services/register-user.ts';
import { deleteRegistrationToken } from '../../../storage/d1/registration-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { tokenNotFound } from './token-format.ts';

/** https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html#delete-token */
export const adminDeleteRegistrationToken = endpoint({
  operationId: 'adminDeleteRegistrationToken',
  method: 'DELETE',
  paths: ['/_synapse/admin/v1/registration_tokens/{token}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const hash = registrationTokenHash(params.token ?? '');
    if (!(await deleteRegistrationToken(openD1(env.DB, config.meter), hash))) throw tokenNotFound();
    return {};
  },
});
