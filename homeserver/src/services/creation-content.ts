import { badJson } from '../../../matrix/errors.ts';
import { parseRoomId, parseUserId, type RoomId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import type { RoomVersion } from '../protocol/room-versions.ts';

const maxCreators = 100;

/**
 * What the specification gives a meaning in a create event has to be of its form: nothing changes it afterwards.
 * @throws `M_BAD_JSON`
 */
export function requireCreationContent(content: JsonObject, version: RoomVersion): void {
  const { type, predecessor, 'm.federate': federates, additional_creators: creators } = content;
  if (type !== undefined && typeof type !== 'string') throw badJson('creation_content.type is no text');
  if (federates !== undefined && typeof federates !== 'boolean') {
    throw badJson('creation_content["m.federate"] is neither true nor false');
  }
  if (predecessor !== undefined && !predecessorOf(content)) {
    throw badJson('creation_content.predecessor names no room');
  }
  if (version.creatorsHaveInfinitePower && creators !== undefined && !areUsers(creators)) {
    throw badJson('creation_content.additional_creators is not a list of users');
  }
}

/** The room that a room says it replaces. */
export function predecessorOf({ predecessor }: JsonObject): RoomId | undefined {
  const roomId = isJsonObject(predecessor) ? predecessor.room_id : undefined;
  return typeof roomId === 'string' ? parseRoomId(roomId) : undefined;
}

function areUsers(value: JsonValue): boolean {
  return (
    Array.isArray(value) &&
    value.length <= maxCreators &&
    value.every((userId) => typeof userId === 'string' && parseUserId(userId) !== undefined)
  );
}
