import type { EventId, RoomId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { canonicalJson, type NumberRule } from './canonical-json.ts';
import { encodeBase64, encodeBase64Url, sha256 } from './crypto.ts';
import type { EventReference, Pdu } from './pdu.ts';
import { redactEvent } from './redaction.ts';
import type { RoomVersion } from './room-versions.ts';

export function numberRule(version: RoomVersion): NumberRule {
  return version.strictCanonicalJson ? 'integers' : 'any';
}

/**
 * Server-server API, "Calculating the content hash for an event". Unpadded base64.
 * @throws CanonicalJsonError
 */
export function contentHash(event: JsonObject, version: RoomVersion): string {
  const { unsigned: _, signatures: __, hashes: ___, ...hashed } = event;
  return encodeBase64(sha256(canonicalJson(hashed, numberRule(version))));
}

/**
 * Server-server API, "Calculating the reference hash for an event".
 * @throws CanonicalJsonError
 */
export function referenceHash(event: JsonObject, version: RoomVersion): Uint8Array {
  const { unsigned: _, signatures: __, ...hashed } = redactEvent(event, version);
  return sha256(canonicalJson(hashed, numberRule(version)));
}

/** Whether the event is whole: its content hash is the one it was signed with. */
export function hasValidContentHash(pdu: Pdu, version: RoomVersion): boolean {
  return pdu.hashes.sha256.replace(/=+$/, '') === contentHash(pdu, version);
}

/** @throws CanonicalJsonError */
export function eventIdOf(pdu: Pdu, version: RoomVersion): EventId {
  switch (version.eventIds) {
    case 'assigned':
      if (pdu.event_id === undefined) throw new TypeError('event without event_id');
      return pdu.event_id;
    case 'base64':
      return `$${encodeBase64(referenceHash(pdu, version))}` as EventId;
    case 'base64url':
      return `$${encodeBase64Url(referenceHash(pdu, version))}` as EventId;
    default:
      return version.eventIds satisfies never;
  }
}

/** Every event of a room is checked against this: hashing a large create event each time would add up. */
const roomIdsByHash = new WeakMap<Pdu, { version: RoomVersion; roomId: RoomId }>();

/**
 * The room that a create event makes: in version 12 the event's own id with another sigil.
 * @throws TypeError if it should name the room and does not
 */
export function roomIdOfCreate(create: Pdu, version: RoomVersion): RoomId {
  if (version.roomIds === 'createHash') {
    const known = roomIdsByHash.get(create);
    if (known?.version === version) return known.roomId;
    const roomId = `!${eventIdOf(create, version).slice(1)}` as RoomId;
    roomIdsByHash.set(create, { version, roomId });
    return roomId;
  }
  if (create.room_id === undefined) throw new TypeError('create event without room_id');
  return create.room_id;
}

/** How other events of the room refer to this one. */
export function referenceTo(pdu: Pdu, version: RoomVersion): EventReference {
  const eventId = eventIdOf(pdu, version);
  if (version.eventIds !== 'assigned') return eventId;
  return [eventId, { sha256: encodeBase64(referenceHash(pdu, version)) }];
}
