import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { openD1 } from '../../../../platform/d1.ts';
import { storeRegistrationToken } from '../../services/registration-tokens.ts';
import { invitationLink } from '../account/invitations.ts';
import { endpoint } from '../endpoint.ts';

/** Makes an invitation: a token, and the link of the page that takes it. */
export const createRegistrationToken = endpoint({
  operationId: 'createRegistrationToken',
  method: 'POST',
  paths: ['/_roost/admin/v1/registration_tokens'],
  auth: 'admin',
  body: v.object({
    uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
    /** Whoever registers with it becomes an administrator. */
    admin: v.optional(v.boolean(), false),
    /** Epoch ms. */
    expires_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  }),
  async handler({ body, env, config }) {
    const token = randomBytes(24).toString('base64url');
    const stored = {
      token,
      usesAllowed: body.uses,
      isAdmin: body.admin,
      ...(body.expires_ms !== undefined && { expiresMs: body.expires_ms }),
    };
    await storeRegistrationToken(openD1(env.DB, config.meter), config, stored, Date.now());
    return { token, link: invitationLink(token, config) };
  },
});
