import * as v from 'valibot';
import type { openD1 } from '../../../../../platform/d1.ts';
import { type Grant, registrationTokenHash } from '../../../services/register-user.ts';
import {
  type AuthData,
  requireInteractiveAuth,
  type Stage,
} from '../../../services/user-interactive-auth.ts';
import { tokenOfSession } from '../../../storage/d1/passed-stages.ts';
import { isRegistrationTokenValid } from '../../../storage/d1/registration-tokens.ts';
import type { Call } from '../../endpoint.ts';

/** Client-server API, "Token-authenticated registration". */
export const registrationTokenField = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._~-]{1,64}$/));

const tokenAuth = v.object({ token: registrationTokenField });

/**
 * By what right the caller may register: an invitation, or nothing where registration is open.
 * @throws 401 with the flows
 */
export async function requireRegistrationGrant(
  call: Pick<Call<{ auth?: AuthData | undefined }, unknown>, 'body' | 'config'>,
  db: ReturnType<typeof openD1>,
): Promise<Grant> {
  const { config, body } = call;
  let tokenHash = '';
  const take = async (hash: string) => {
    tokenHash = hash;
    return isRegistrationTokenValid(db, hash, Date.now());
  };
  const byToken: Stage = {
    type: 'm.login.registration_token',
    async isProved(auth) {
      const given = v.safeParse(tokenAuth, auth);
      return given.success && take(registrationTokenHash(given.output.token));
    },
    async isPassed(session) {
      const given = await tokenOfSession(db, session, Date.now());
      return given !== undefined && take(given);
    },
  };
  const open: Stage = { type: 'm.login.dummy', isProved: async () => true };
  const stages = config.openRegistration ? [open, byToken] : [byToken];
  const request = { operationId: 'register', body: { ...body } };
  await requireInteractiveAuth(request, stages, config.macKey, Date.now());
  if (body.auth?.type === open.type) return { kind: 'open' };
  return { kind: 'token', tokenHash };
}
