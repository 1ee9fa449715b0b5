import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares without telling by the time taken where the two differ. */
export function sameSecret(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
