import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Config } from '../../config.ts';

/** Us, as passkeys know us. */
export interface RelyingParty {
  /** The host of the issuer: a passkey works there and nowhere else. */
  id: string;
  origin: string;
}

/** @returns nothing where browsers allow no passkeys: without TLS, except at `localhost`, or without a host name */
export function relyingParty({ publicBaseUrl }: Config): RelyingParty | undefined {
  const { protocol, hostname, origin } = new URL(publicBaseUrl);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  if ((protocol !== 'https:' && !isLocal) || hostname.startsWith('[') || isIP(hostname) !== 0)
    return undefined;
  return { id: hostname, origin };
}

/** The name of the user inside passkeys: the same for all of theirs, and of no meaning to others. */
export function userHandle(userId: UserId, { macKey }: Config): string {
  return createHmac('sha256', macKey).update(`user handle ${userId}`).digest('base64url');
}
