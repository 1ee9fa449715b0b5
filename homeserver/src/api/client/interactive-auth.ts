import * as v from 'valibot';
import { forbidden, unrecognized } from '../../../../matrix/errors.ts';
import { makeUserId, type UserId } from '../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { checkPasswordOf } from '../../services/check-password.ts';
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

type AuthCall = Pick<Call<{ auth?: AuthData | undefined }, unknown>, 'body' | 'env' | 'config' | 'stubs'>;

/**
 * Lets the call go on only if the requester proves to be the user: by password, or on our pages (`submitFallback`)
 * by whatever way they log in. Application services have proved themselves by
 * their token, and their users have no password. Clients that signed in by OAuth are not to ask for it: they have the
 * account page.
 * @throws 401 with the flows, 403 if the proof is somebody else's, 404 for clients of OAuth
 */
export async function requireUser(
  call: AuthCall,
  { userId, deviceId, appservice }: Requester,
  operationId: string,
): Promise<void> {
  if (appservice) return;
  if (await call.stubs.user(userId).isGrant(deviceId)) throw unrecognized('Use the account page for this');
  const db = openD1(call.env.DB, call.config.meter);
  const byPassword: Stage = {
    type: 'm.login.password',
    async isProved(auth) {
      checkAttempts(userId, call.config);
      const proof = v.safeParse(passwordAuth, auth);
      if (!proof.success) return false;
      const name = proof.output.identifier?.user ?? proof.output.user;
      if (name !== undefined && !isName(name, userId)) throw forbidden('This is not your user name');
      return (await checkPasswordOf(db, userId, proof.output.password)) !== undefined;
    },
  };
  const account = await readAccount(db, userId);
  const hasPassword = call.config.passwordLogin && account?.passwordHash !== null;
  const stages = [
    ...(hasPassword ? [byPassword] : []),
    ...(call.config.ssoLogin ? [byBrowser(call, userId)] : []),
  ];
  if (stages.length === 0) throw forbidden('Use the account page for this');
  const request = { operationId, userId, body: { ...call.body } };
  await requireInteractiveAuth(request, stages, call.config.macKey, Date.now());

  function isName(text: string, of: UserId): boolean {
    return text.toLowerCase() === of || makeUserId(text.toLowerCase(), call.config.serverName) === of;
  }
}

/** Passed on our pages by who is logged in there as this user. Good for one request. */
function byBrowser({ stubs }: AuthCall, userId: UserId): Stage {
  return {
    type: 'm.login.sso',
    isProved: async () => false,
    async isPassed(sessionHash) {
      const action = `uia:${sessionHash}` as const;
      const user = stubs.user(userId);
      if (!(await user.takeApproval(action))) return false;
      return true;
    },
  };
}

/**
 * Lets new cross-signing keys replace others: by password, or of a client of OAuth by what the user allowed on the
 * account page (MSC4312). Such a client asks again, with or without the session, until it is so.
 */
export async function requireResetApproval(
  call: AuthCall,
  requester: Requester,
  operationId: string,
): Promise<void> {
  const { userId, deviceId, appservice } = requester;
  const user = call.stubs.user(userId);
  if (appservice || !(await user.isGrant(deviceId))) return requireUser(call, requester, operationId);
  if (await user.takeApproval('cross_signing_reset')) return;
  const url = `${call.config.publicBaseUrl}/account?action=org.matrix.cross_signing_reset`;
  const stages = ['m.oauth', 'org.matrix.cross_signing_reset'].map((type) => ({
    type,
    params: { url },
    isProved: async () => false,
  }));
  const request = { operationId, userId, body: { ...call.body } };
  await requireInteractiveAuth(request, stages, call.config.macKey, Date.now());
}
