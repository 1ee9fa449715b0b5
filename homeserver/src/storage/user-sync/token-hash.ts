import { createHash } from 'node:crypto';

/** Tokens, codes and cookies are random enough that a plain hash of them tells nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
