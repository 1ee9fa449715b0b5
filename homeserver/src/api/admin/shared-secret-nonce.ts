import { createHmac, randomBytes } from 'node:crypto';

const validMs = 60_000;

/**
 * Nonces of registration by shared secret: a signed time, so that nothing is stored. One may be used again
 * within its minute, but only to make the same account, which then exists.
 */
export function makeNonce(secret: string, nowMs: number): string {
  const statement = `${nowMs + validMs}.${randomBytes(9).toString('base64url')}`;
  return `${statement}.${sign(statement, secret)}`;
}

export function isNonceValid(nonce: string, secret: string, nowMs: number): boolean {
  const end = nonce.lastIndexOf('.');
  const statement = nonce.slice(0, end);
  return nonce.slice(end + 1) === sign(statement, secret) && Number.parseInt(statement, 10) > nowMs;
}

function sign(statement: string, secret: string): string {
  return createHmac('sha256', secret).update(`nonce ${statement}`).digest('base64url');
}
