import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from '../../../platform/same-secret.ts';

/**
 * The unguessable last part of the address at which an app's events arrive. It names the app before anything
 * is stored about it, so it carries its own proof: Slack wants its challenge answered when the app is made,
 * which is before the person comes back with its secrets.
 */

/** A nonce, and the proof that it is ours. */
const keyPattern = /^([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{22})$/;

export function makeIngressKey(encryptionKey: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `${nonce}${proof(encryptionKey, nonce)}`;
}

/** Whether this server made the key. */
export function isIngressKey(encryptionKey: string, key: string): boolean {
  const [, nonce, given] = keyPattern.exec(key) ?? [];
  return nonce !== undefined && given !== undefined && sameSecret(proof(encryptionKey, nonce), given);
}

function proof(encryptionKey: string, nonce: string): string {
  const key = Buffer.from(encryptionKey, 'base64url');
  return createHmac('sha256', key).update(`slack ingress ${nonce}`).digest('base64url').slice(0, 22);
}
