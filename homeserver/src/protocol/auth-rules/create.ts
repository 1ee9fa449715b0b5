import { parseRoomId, parseUserId, serverNameOf } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { type RoomVersion, roomVersion } from '../room-versions.ts';
import { allowed, denied, type Verdict } from './verdict.ts';

/** Rule 1. */
export function authorizeCreate(event: Pdu, version: RoomVersion): Verdict {
  if (event.prev_events.length > 0) return denied('1.1', 'a create event follows no other');
  if (version.roomIds === 'createHash') {
    if (event.room_id !== undefined) return denied('1.2', 'the room id is the hash of the event');
  } else if (domainOf(event.room_id) !== serverNameOf(event.sender)) {
    return denied('1.2', 'the room id is of another server than the sender');
  }
  const { room_version: id, creator, additional_creators: additional } = event.content;
  if (id !== undefined && (typeof id !== 'string' || !roomVersion(id))) {
    return denied('1.3', 'unknown room version');
  }
  if (version.creatorsHaveInfinitePower && additional !== undefined && !isListOfUsers(additional)) {
    return denied('1.4', 'additional_creators is not a list of users');
  }
  if (version.creator === 'content' && creator === undefined) {
    return denied('v1:1.4', 'the event names no creator');
  }
  return allowed;
}

function domainOf(roomId: string | undefined): string | undefined {
  if (roomId === undefined || !parseRoomId(roomId)) return undefined;
  return roomId.includes(':') ? roomId.slice(roomId.indexOf(':') + 1) : undefined;
}

function isListOfUsers(value: unknown): boolean {
  return Array.isArray(value) && value.every((id) => typeof id === 'string' && parseUserId(id) !== undefined);
}
