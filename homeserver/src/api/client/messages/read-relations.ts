import * as v from 'valibot';
import type { Call, Requester } from '../../endpoint.ts';
import { positionOfToken, positionToken } from '../pagination-token.ts';
import { eventIdParam, granted, integerField, roomIdParam, viewerOf } from '../room-requests.ts';
import { shownTo } from './ignored-senders.ts';

const maxLimit = 100;

export const relationsQuery = v.object({
  dir: v.optional(v.picklist(['b', 'f']), 'b'),
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  limit: v.optional(integerField(1, maxLimit), '50'),
  recurse: v.optional(v.picklist(['true', 'false']), 'false'),
});

/** What the three forms of `/relations` have in common; they differ in how much the path names. */
export async function readRelations(
  { params, query, stubs }: Call<undefined, v.InferOutput<typeof relationsQuery>>,
  requester: Requester,
): Promise<object> {
  const roomId = roomIdParam(params.roomId);
  const position = (token: string) => positionOfToken(stubs, requester, roomId, token);
  const [from, to] = [query.from && (await position(query.from)), query.to && (await position(query.to))];
  const [read, isShown] = await Promise.all([
    stubs.room(roomId).readRelations({
      ...viewerOf(requester),
      eventId: eventIdParam(params.eventId),
      ...(params.relType === undefined ? {} : { relType: params.relType }),
      ...(params.eventType === undefined ? {} : { eventType: params.eventType }),
      dir: query.dir,
      limit: query.limit,
      recurse: query.recurse === 'true',
      ...(typeof from === 'number' && { from }),
      ...(typeof to === 'number' && { to }),
    }),
    shownTo(stubs, requester),
  ]);
  const page = granted(read);
  return {
    chunk: page.chunk.filter(isShown),
    ...(query.from ? { prev_batch: positionToken(page.start) } : {}),
    ...(page.end === undefined ? {} : { next_batch: positionToken(page.end) }),
    ...(query.recurse === 'true' ? { recursion_depth: 3 } : {}),
  };
}
