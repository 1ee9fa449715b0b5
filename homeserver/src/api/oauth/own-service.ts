import { sameSecret } from '../../../../platform/same-secret.ts';
import type { Config } from '../../config.ts';
import { OauthError } from '../../services/oauth/oauth-error.ts';
import { registrationOfToken } from '../access-token.ts';

/** The client id of the owner's tools, whose secret is the administration token. */
const ownerClientId = 'owner';

/**
 * Lets in who is configured here: the owner's tools, and application services by `id` and `as_token`. They show the
 * secret as a client does (RFC 6749, 2.3.1) or as a bearer token.
 * @throws OauthError `invalid_client`
 */
export function checkOwnService(request: Request, config: Config): void {
  const header = request.headers.get('authorization') ?? '';
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +(\S+)$/i.exec(header) ?? [];
  const isOwn =
    scheme.toLowerCase() === 'bearer' ? isSecret(credentials, config) : isClient(credentials, config);
  if (isOwn) return;
  throw new OauthError('invalid_client', 'Only for services of this server', {
    'www-authenticate': 'Basic realm="roost", Bearer realm="roost"',
  });
}

function isSecret(secret: string, config: Config): boolean {
  return sameSecret(config.adminToken, secret) || registrationOfToken(secret, config) !== undefined;
}

function isClient(credentials: string, config: Config): boolean {
  const text = Buffer.from(credentials, 'base64').toString();
  const end = text.indexOf(':');
  const [clientId, secret] = [decode(text.slice(0, Math.max(end, 0))), decode(text.slice(end + 1))];
  if (secret === '') return false;
  if (clientId === ownerClientId) return sameSecret(config.adminToken, secret);
  return registrationOfToken(secret, config)?.id === clientId;
}

/** Of `application/x-www-form-urlencoded`, as both parts of it are. */
function decode(part: string): string {
  return new URLSearchParams(`part=${part.replaceAll('&', '%26')}`).get('part') ?? '';
}
