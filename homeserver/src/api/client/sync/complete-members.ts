import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { Stubs } from '../../../objects/stubs.ts';

/** Rooms asked at once: connections that wait for headers are limited. */
export const width = 6;

/**
 * Adds the members that only the rooms know, for clients that load them all at their first sync. A room that
 * refuses (the user has just left it) stays as it is: the next sync tells.
 */
export async function completeMembers(
  stubs: Stubs,
  userId: UserId,
  rooms: readonly RoomId[],
  answer: JsonObject,
): Promise<void> {
  await mapConcurrently(rooms, width, (roomId) => addMembers(stubs, userId, roomId, answer));
}

async function addMembers(stubs: Stubs, userId: UserId, roomId: RoomId, answer: JsonObject): Promise<void> {
  const members = await stubs.room(roomId).readMembers(userId, {});
  if (members.kind === 'denied') return;
  const { state, told } = placesIn(answer, roomId);
  const present = new Set(membersIn(state).map((event) => event.state_key));
  const inTimeline = new Set(membersIn(told).map((event) => event.event_id));
  for (const { room_id: _room, ...event } of members.events) {
    if (!present.has(event.state_key) && !inTimeline.has(event.event_id)) state.push(event as JsonObject);
  }
}

function membersIn(events: readonly JsonValue[]): JsonObject[] {
  return events.filter(isJsonObject).filter((event) => event.type === 'm.room.member');
}

/** Where the room's state stands in an answer of either sync, and what need not stand there twice. */
function placesIn(answer: JsonObject, roomId: RoomId): { state: JsonValue[]; told: JsonValue[] } {
  const joined = member(member(answer, 'rooms'), 'join');
  if (!isJsonObject(joined[roomId])) {
    return { state: list(member(member(answer, 'rooms'), roomId), 'required_state'), told: [] };
  }
  const room = member(joined, roomId);
  if (room.state_after !== undefined) return { state: list(member(room, 'state_after'), 'events'), told: [] };
  return { state: list(member(room, 'state'), 'events'), told: list(member(room, 'timeline'), 'events') };
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function list(object: JsonObject, name: string): JsonValue[] {
  const value = object[name];
  return Array.isArray(value) ? value : [];
}
