import { forbidden } from '../../../../matrix/errors.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { log } from '../../../../platform/log.ts';
import { hasAdminScope } from '../../services/oauth/scope.ts';
import { readAccount } from '../../storage/d1/accounts.ts';
import { authenticate, bearerToken } from '../access-token.ts';
import type { Call, Requester } from '../endpoint.ts';
import { checkRestrictions } from '../restrictions.ts';

/**
 * An administrator's own session. One of OAuth needs the scope of administration, so that an administrator's chat
 * clients administer nothing. Application services never do, whomever they speak for.
 * @throws `M_FORBIDDEN`, `M_MISSING_TOKEN`, `M_UNKNOWN_TOKEN`
 */
export async function authenticateAdministrator(
  { request, url, params, env, config, stubs }: Call<unknown, unknown>,
  operation: string,
): Promise<Requester> {
  const requester = await authenticate(request, url, config, stubs);
  checkRestrictions(operation, requester.restrictions);
  if (requester.appservice) throw notAdministrator();
  const [account, grant] = await Promise.all([
    readAccount(openD1(env.DB, config.meter), requester.userId),
    stubs.user(requester.userId).grantOfToken(bearerToken(request)),
  ]);
  if (!account?.isAdmin || account.deactivatedMs !== null) throw notAdministrator();
  if (grant && !hasAdminScope(grant.scope)) throw forbidden('This session may not administer the server');
  if (request.method !== 'GET') {
    // Not the path: that of a registration token has the token.
    const target = params.userId ?? params.roomId;
    log('info', 'admin.action', { operation, administrator: requester.userId, target });
  }
  return requester;
}

function notAdministrator() {
  return forbidden('You are not a server admin');
}
