import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { FoundEvent, SearchHit, SearchQuery } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';
import { matchesRoomFilter } from '../protocol/filter.ts';

/** Rooms that are asked at once: an object more is a request more. */
const width = 6;
const maxRooms = 1_000;
/** How far back predecessors of the rooms that a filter names are followed. */
const maxPredecessors = 10;

export interface RoomHit extends SearchHit {
  roomId: RoomId;
}

/** Which of the user's rooms a filter lets through. */
export async function roomsToSearch(
  stubs: Stubs,
  userId: UserId,
  filter: JsonObject | undefined,
): Promise<RoomId[]> {
  const joined = await stubs.user(userId).joinedRooms();
  return joined.filter((roomId) => matchesRoomFilter(roomId, filter)).slice(0, maxRooms);
}

/**
 * Has all rooms search, and merges what they found in the order that is asked for.
 * @param withPredecessors a room that was upgraded is meant as a whole; each room itself says what the user may see
 */
export async function searchRooms(
  stubs: Stubs,
  roomIds: readonly RoomId[],
  query: SearchQuery,
  withPredecessors: boolean,
): Promise<{ hits: RoomHit[]; count: number }> {
  const hits: RoomHit[] = [];
  const asked = new Set<RoomId>();
  let count = 0;
  let next = [...roomIds];
  for (let step = 0; next.length > 0 && step <= (withPredecessors ? maxPredecessors : 0); step += 1) {
    for (const roomId of next) asked.add(roomId);
    const answers = await mapConcurrently(next, width, async (roomId) => ({
      roomId,
      answer: await stubs.room(roomId).search(query),
    }));
    next = [];
    for (const { roomId, answer } of answers) {
      if (answer.kind === 'denied') continue;
      count += answer.count;
      hits.push(...answer.hits.map((hit) => ({ ...hit, roomId })));
      const predecessor = answer.predecessor as RoomId | undefined;
      if (predecessor !== undefined && !asked.has(predecessor)) next.push(predecessor);
    }
  }
  return { hits: hits.sort(query.orderBy === 'rank' ? byRank : byTime), count };
}

function byTime(one: RoomHit, other: RoomHit): number {
  return other.originServerTs - one.originServerTs;
}

function byRank(one: RoomHit, other: RoomHit): number {
  return other.rank - one.rank || byTime(one, other);
}

/** The events of these hits, by id, each room asked once. */
export async function readHits(
  stubs: Stubs,
  hits: readonly RoomHit[],
  viewer: Pick<SearchQuery, 'userId' | 'deviceId'>,
  context: { before: number; after: number; profiles: boolean } | undefined,
): Promise<Map<string, FoundEvent>> {
  const byRoom = Map.groupBy(hits, ({ roomId }) => roomId);
  const found = await mapConcurrently([...byRoom], width, async ([roomId, ofRoom]) => {
    const eventIds = ofRoom.map(({ eventId }) => eventId);
    return stubs.room(roomId).readFound({ ...viewer, eventIds, ...(context ? { context } : {}) });
  });
  const events = found.flatMap((answer) => (Array.isArray(answer) ? answer : []));
  return new Map(events.map((one) => [one.event.event_id, one]));
}

export async function ignoredUsers(stubs: Stubs, userId: UserId): Promise<UserId[]> {
  const content = await stubs.user(userId).getAccountData('m.ignored_user_list');
  return isJsonObject(content?.ignored_users) ? (Object.keys(content.ignored_users) as UserId[]) : [];
}
