import * as v from 'valibot';
import { forbidden } from '../../../../matrix/errors.ts';
import { makeUserId, type UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { verifyPassword } from '../../services/password.ts';
import { type AuthData, requireInteractiveAuth, type Stage } from '../../services/user-interactive-auth.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import type { Call, Requester } from '../endpoint.ts';
import { checkAttempts } from '../rate-limit.ts';

const passwordAuth = v.object({
  password: v.string(),
  identifier: v.optional(v.looseObject({ type: v.literal('m.id.user'), user: v.string() })),
  /** Former place of `identifier.user`. */
  user: v.optional(v.string()),
});

/**
 * Lets the call go on only with the requester's password. Application services have proved themselves by
 * their token, and their users have no password.
 * @throws 401 with the flows, 403 if the proof is somebody else's
 */
export async function requirePassword(
  call: Pick<Call<{ auth?: AuthData | undefined }, unknown>, 'body' | 'env' | 'config'>,
  { userId, appservice }: Requester,
  operationId: string,
): Promise<void> {
  if (appservice) return;
  const stage: Stage = {
    type: 'm.login.password',
    async isProved(auth) {
      checkAttempts(userId, call.config);
      const proof = v.safeParse(passwordAuth, auth);
      if (!proof.success) return false;
      const name = proof.output.identifier?.user ?? proof.output.user;
      if (name !== undefined && !isName(name, userId)) throw forbidden('This is not your user name');
      const account = await readAccount(openD1(call.env.DB, call.config.meter), userId);
      return verifyPassword(proof.output.password, account?.passwordHash);
    },
  };
  const request = { operationId, userId, body: { ...call.body } };
  await requireInteractiveAuth(request, [stage], call.config.macKey, Date.now());

  function isName(text: string, of: UserId): boolean {
    return text.toLowerCase() === of || makeUserId(text.toLowerCase(), call.config.serverName) === of;
  }
}
