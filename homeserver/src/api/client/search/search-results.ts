import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { FoundEvent } from '../../../objects/room-rpc.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import type { RoomHit } from '../../../services/search-rooms.ts';
import { maxOffset, type SearchPlace, searchToken } from '../../../services/search-token.ts';
import { positionToken } from '../pagination-token.ts';

/** Client-server API, "Server Side Search": the parts of the answer. */
export function foundResult({ event, context }: FoundEvent, rank: number): JsonObject {
  return {
    rank,
    result: { ...event },
    ...(context
      ? {
          context: {
            start: positionToken(context.start),
            end: positionToken(context.end),
            events_before: context.eventsBefore.map((one) => ({ ...one })),
            events_after: context.eventsAfter.map((one) => ({ ...one })),
            ...(context.profiles ? { profile_info: { ...context.profiles } } : {}),
          },
        }
      : {}),
  };
}

/** @param hits all that are known, of which those from `place.offset` to `end` are the page */
export function groupsOf(
  keys: readonly ('room_id' | 'sender')[],
  hits: readonly RoomHit[],
  place: SearchPlace,
  end: number,
): JsonObject {
  return Object.fromEntries(
    [...new Set(keys)].map((key) => {
      const groupOf = (hit: RoomHit) => (key === 'room_id' ? hit.roomId : hit.sender);
      const page = Map.groupBy(hits.slice(place.offset, end), groupOf);
      const groups = [...page].map(([value, members], index) => {
        const reached = hits.slice(0, end).filter((hit) => groupOf(hit) === value).length;
        const more = reached <= maxOffset && hits.slice(end).some((hit) => groupOf(hit) === value);
        const group = key === 'room_id' ? { ...place, roomId: value } : { ...place, sender: value };
        const entry = {
          order: index + 1,
          results: members.map(({ eventId }) => eventId),
          ...(more ? { next_batch: searchToken({ ...group, offset: reached }) } : {}),
        };
        return [value, entry] as const;
      });
      return [key, Object.fromEntries(groups)] as const;
    }),
  );
}

/** The state of the rooms of these hits, as far as the user may see it. */
export async function statesOf(stubs: Stubs, hits: readonly RoomHit[], userId: UserId): Promise<JsonObject> {
  const roomIds = [...new Set(hits.map(({ roomId }) => roomId))];
  const states = await mapConcurrently(roomIds, 6, async (roomId) => {
    const state = await stubs.room(roomId).readState(userId);
    return state.kind === 'state' ? [[roomId, state.events.map((event) => ({ ...event }))] as const] : [];
  });
  return Object.fromEntries(states.flat());
}
