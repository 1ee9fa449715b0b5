import type { Config } from '../../config.ts';
import type { ExternalIdentity } from '../../storage/d1/external-identities.ts';
import { readSignedCookie } from './signed-cookie.ts';

/** Whom this browser came from the other provider as, in the last minutes, without having an account here. */
export function arrivedIdentity(request: Request, config: Config): ExternalIdentity | undefined {
  if (!config.upstream) return undefined;
  const identity = readSignedCookie<ExternalIdentity>(request, 'identity', config, Date.now());
  return identity && { issuer: identity.issuer, subject: identity.subject };
}
