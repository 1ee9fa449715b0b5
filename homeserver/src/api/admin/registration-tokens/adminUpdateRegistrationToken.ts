import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { registrationTokenHash } from '../../../services/register-user.ts';
import { updateRegistrationToken } from '../../../storage/d1/registration-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { expiryField, tokenDetails, tokenNotFound, usesField } from './token-format.ts';

/** What is absent stays, what is null has no limit. https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html#update-token */
export const adminUpdateRegistrationToken = endpoint({
  operationId: 'adminUpdateRegistrationToken',
  method: 'PUT',
  paths: ['/_synapse/admin/v1/registration_tokens/{token}'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({ uses_allowed: usesField, expiry_time: expiryField }),
  async handler({ params, body, env, config }) {
    const token = params.token ?? '';
    const row = await updateRegistrationToken(openD1(env.DB, config.meter), registrationTokenHash(token), {
      ...(body.uses_allowed !== undefined && { usesAllowed: body.uses_allowed }),
      ...(body.expiry_time !== undefined && { expiresMs: body.expiry_time }),
    });
    if (!row) throw tokenNotFound();
    return tokenDetails({ token, row });
  },
});
