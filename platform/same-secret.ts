import { timingSafeEqual } from 'node:crypto';

/** Compares without telling by the time taken where the two differ. */
export function sameSecret(expected: string, given: string): boolean {
  const wanted = Buffer.from(expected);
  const tried = Buffer.alloc(wanted.byteLength);
  const offered = Buffer.from(given);
  offered.copy(tried);
  return timingSafeEqual(wanted, tried) && offered.byteLength === wanted.byteLength;
}
