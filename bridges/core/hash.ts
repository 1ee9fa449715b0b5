import { createHash } from 'node:crypto';

/** SHA-256 of a list of texts, none of which can run into the next; base64url, 43 characters. */
export function hashOf(...texts: string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64url');
}

/** The mark that our post of one part of an event carries on the network; 24 hexadecimal digits. */
export function markOf(eventId: string, part: number): string {
  return createHash('sha256').update(`${eventId} ${part}`).digest('hex').slice(0, 24);
}
