import { openD1 } from '../../../../../platform/d1.ts';
import { registrationTokenHash } from '../../../services/register-user.ts';
import { readRegistrationToken } from '../../../storage/d1/registration-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { tokenDetails, tokenNotFound } from './token-format.ts';

/** https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html#get-one-token */
export const adminGetRegistrationToken = endpoint({
  operationId: 'adminGetRegistrationToken',
  method: 'GET',
  paths: ['/_synapse/admin/v1/registration_tokens/{token}'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, env, config }) {
    const token = params.token ?? '';
    const row = await readRegistrationToken(openD1(env.DB, config.meter), registrationTokenHash(token));
    if (!row) throw tokenNotFound();
    return tokenDetails({ token, row });
  },
});
