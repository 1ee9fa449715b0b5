import { Buffer } from 'node:buffer';
import * as v from 'valibot';
import { invalidParam } from '../../../matrix/errors.ts';

/** Where a search goes on. */
export interface SearchPlace {
  /** Results that came before. */
  offset: number;
  /** When the search began (epoch ms), so that what is said meanwhile moves nothing. */
  beganMs: number;
  /** Of results of one group alone. */
  roomId?: string | undefined;
  sender?: string | undefined;
}

/** A page further down would have every room find as much: a search is narrowed instead. */
export const maxOffset = 1_000;

const placeSchema = v.tuple([
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxOffset)),
  v.pipe(v.number(), v.integer(), v.minValue(0)),
  v.nullable(v.string()),
  v.nullable(v.string()),
]);

export function searchToken({ offset, beganMs, roomId, sender }: SearchPlace): string {
  return Buffer.from(JSON.stringify([offset, beganMs, roomId ?? null, sender ?? null])).toString('base64url');
}

/** @throws `M_INVALID_PARAM` */
export function parseSearchToken(token: string): SearchPlace {
  try {
    const parts = v.parse(placeSchema, JSON.parse(Buffer.from(token, 'base64url').toString()));
    const [offset, beganMs, roomId, sender] = parts;
    return { offset, beganMs, roomId: roomId ?? undefined, sender: sender ?? undefined };
  } catch {
    throw invalidParam('next_batch: not one of ours');
  }
}
