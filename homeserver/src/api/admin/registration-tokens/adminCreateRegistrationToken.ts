import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { storeRegistrationToken } from '../../../services/registration-tokens.ts';
import { endpoint } from '../../endpoint.ts';
import { expiryField, tokenField, usesField } from './token-format.ts';

/** https://element-hq.github.io/synapse/latest/usage/administration/admin_api/registration_tokens.html#create-token */
export const adminCreateRegistrationToken = endpoint({
  operationId: 'adminCreateRegistrationToken',
  method: 'POST',
  paths: ['/_synapse/admin/v1/registration_tokens/new'],
  auth: 'administrator',
  rateLimit: 'default',
  body: v.object({
    token: v.optional(v.nullable(tokenField)),
    uses_allowed: usesField,
    expiry_time: expiryField,
    length: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)))),
  }),
  async handler({ body, env, config }) {
    const token = body.token ?? randomToken(body.length ?? 16);
    const { uses_allowed: usesAllowed, expiry_time: expiresMs } = body;
    const terms = {
      token,
      isAdmin: false,
      ...(usesAllowed != null && { usesAllowed }),
      ...(expiresMs != null && { expiresMs }),
    };
    const stored = await storeRegistrationToken(openD1(env.DB, config.meter), config, terms, Date.now());
    if (!stored) throw invalidParam('token: is there already');
    return {
      token,
      uses_allowed: usesAllowed ?? null,
      pending: 0,
      completed: 0,
      expiry_time: expiresMs ?? null,
    };
  },
});

/** Six bits a character. */
function randomToken(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
