import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { forbidden, invalidParam, unrecognized, userInUse } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { sameSecret } from '../../../../platform/same-secret.ts';
import {
  checkNameIsFree,
  checkPassword,
  registerPerson,
  userIdForName,
} from '../../services/register-user.ts';

import { openSession } from '../client/login/open-session.ts';
import { displayNameField, shortText } from '../client/request-fields.ts';
import { endpoint } from '../endpoint.ts';
import { isNonceValid } from './shared-secret-nonce.ts';

const sharedSecretBody = v.object({
  nonce: shortText,
  username: shortText,
  password: v.string(),
  displayname: v.optional(displayNameField),
  admin: v.optional(v.boolean(), false),
  user_type: v.optional(v.nullable(shortText)),
  mac: v.pipe(v.string(), v.maxLength(100)),
});

/**
 * Registration by shared secret, as Synapse has it: for scripts and tests that make accounts.
 * https://element-hq.github.io/synapse/latest/admin_api/register_api.html
 */
export const registerBySharedSecret = endpoint({
  operationId: 'registerBySharedSecret',
  method: 'POST',
  paths: ['/_synapse/admin/v1/register'],
  auth: 'none',
  rateLimit: 'login',
  body: sharedSecretBody,
  async handler(call) {
    const { body, env, config } = call;
    const secret = config.registrationSharedSecret;
    if (!secret) throw unrecognized();
    if (!isNonceValid(body.nonce, secret, Date.now()))
      throw invalidParam('The nonce is unknown or has expired');
    if (!sameSecret(macOf(body, secret), body.mac.toLowerCase())) throw forbidden('The HMAC is wrong');
    const db = openD1(env.DB, config.meter);
    const userId = userIdForName(body.username, config);
    await checkNameIsFree(db, config, userId);
    checkPassword(body.password, config);
    const person = {
      userId,
      displayName: body.displayname || body.username,
      password: body.password,
      grant: { kind: 'secret', isAdmin: body.admin },
    } as const;
    const registered = await registerPerson(db, person, Date.now());
    if (registered.kind === 'refused') throw userInUse();
    return openSession(call, userId, { refreshable: false });
  },
});

function macOf(body: v.InferOutput<typeof sharedSecretBody>, secret: string): string {
  const parts = [body.nonce, body.username, body.password, body.admin ? 'admin' : 'notadmin'];
  if (body.user_type) parts.push(body.user_type);
  return createHmac('sha1', secret).update(parts.join('\0')).digest('hex');
}
