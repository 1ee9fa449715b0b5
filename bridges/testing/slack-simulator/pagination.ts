import { SlackApiError } from './slack-api-error.ts';

/** One page of a list and the cursor to the next (`''` at the end), as `response_metadata.next_cursor`. */
export function pageOf<T>(
  all: readonly T[],
  cursor: string | undefined,
  limit: number,
): { items: T[]; nextCursor: string } {
  const start = cursor === undefined ? 0 : decode(cursor);
  const end = Math.min(start + Math.max(1, limit), all.length);
  return { items: all.slice(start, end), nextCursor: end < all.length ? encode(end) : '' };
}

function encode(position: number): string {
  return Buffer.from(`pos:${position}`).toString('base64');
}

function decode(cursor: string): number {
  const match = /^pos:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
  if (!match) throw new SlackApiError('invalid_cursor');
  return Number(match[1]);
}
