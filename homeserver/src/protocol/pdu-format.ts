import {
  parseEventId,
  parseRoomId,
  parseServerName,
  parseUserId,
  utf8Length,
} from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { limits } from '../../../matrix/limits.ts';
import type { JsonProblem } from '../../../matrix/strict-json.ts';
import { CanonicalJsonError, canonicalJson } from './canonical-json.ts';
import { numberRule } from './event-hash.ts';
import type { Pdu } from './pdu.ts';
import type { RoomVersion } from './room-versions.ts';

export type ParsedPdu = { kind: 'pdu'; pdu: Pdu } | { kind: 'malformed'; reason: string };

/**
 * Checks on receipt, step 1: the event format of the room version, and client-server API, "Size limits".
 * The result is the input object itself.
 */
export function parsePdu(value: unknown, version: RoomVersion): ParsedPdu {
  if (!isJsonObject(value)) return { kind: 'malformed', reason: 'not an object' };
  const reason =
    formatProblem(value, version) ??
    identifierProblem(value, version.countsIdentifiersInBytes ? utf8Length : codePoints) ??
    encodingProblem(value, version);
  return reason === undefined ? { kind: 'pdu', pdu: value as Pdu } : { kind: 'malformed', reason };
}

/**
 * What is wrong with an event of this room version because of how its JSON was written. `JSON.parse` shows none
 * of it: not the earlier one of two equal keys, nor that 1 was written as 1.0.
 * @param problems those with the event's own path
 */
export function textProblem(problems: readonly JsonProblem[], version: RoomVersion): string | undefined {
  const counted = version.strictCanonicalJson
    ? problems
    : problems.filter(({ kind }) => kind !== 'looseNumber');
  return counted[0]?.kind;
}

/**
 * What is too large about an event that is to be made, or not canonical JSON. Its `unsigned` is not counted: that
 * is each server's own, and all must agree on which events there are.
 */
export function sizeProblem(event: JsonObject, version: RoomVersion): string | undefined {
  return identifierProblem(event, utf8Length) ?? encodingProblem(event, version);
}

function identifierProblem(event: JsonObject, lengthOf: (text: string) => number): string | undefined {
  for (const key of ['type', 'state_key', 'sender', 'room_id', 'event_id']) {
    const value = event[key];
    if (typeof value === 'string' && lengthOf(value) > limits.maxIdentifierBytes) return `${key} too long`;
  }
  return undefined;
}

function codePoints(text: string): number {
  return text.length > limits.maxIdentifierBytes ? [...text].length : text.length;
}

function encodingProblem(event: JsonObject, version: RoomVersion): string | undefined {
  const { unsigned: _, ...counted } = event;
  try {
    const bytes = utf8Length(canonicalJson(counted, numberRule(version)));
    return bytes > limits.maxPduBytes ? 'event too large' : undefined;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return error.message;
    throw error;
  }
}

function formatProblem(event: JsonObject, version: RoomVersion): string | undefined {
  if (typeof event.type !== 'string') return 'type is not a string';
  if (typeof event.sender !== 'string' || !parseUserId(event.sender)) return 'sender is not a user id';
  if (event.state_key !== undefined && typeof event.state_key !== 'string')
    return 'state_key is not a string';
  if (!isJsonObject(event.content)) return 'content is not an object';
  if (!isDepth(event.depth, version)) return 'depth out of range';
  if (!Number.isSafeInteger(event.origin_server_ts)) return 'origin_server_ts is not an integer';
  if (!isJsonObject(event.hashes) || typeof event.hashes.sha256 !== 'string') return 'no sha256 hash';
  if (!areSignatures(event.signatures)) return 'signatures are not strings by server and key';
  if (event.redacts !== undefined && version.redacts === 'topLevel' && typeof event.redacts !== 'string') {
    return 'redacts is not a string';
  }
  if (event.unsigned !== undefined && !isJsonObject(event.unsigned)) return 'unsigned is not an object';
  return idProblem(event, version) ?? referencesProblem(event, version);
}

function idProblem(event: JsonObject, version: RoomVersion): string | undefined {
  if (version.eventIds === 'assigned' && !isEventId(event.event_id, version)) return 'no event_id';
  const isNameless = version.roomIds === 'createHash' && event.type === 'm.room.create';
  // A create event that has one all the same is refused by authorization rule 1.2.
  if (isNameless && event.room_id === undefined) return undefined;
  return isRoomId(event.room_id, version) ? undefined : 'no room_id of this room version';
}

function referencesProblem(event: JsonObject, version: RoomVersion): string | undefined {
  const { prev_events: prevEvents, auth_events: authEvents } = event;
  if (!Array.isArray(prevEvents) || prevEvents.length > limits.maxPrevEvents) return 'too many prev_events';
  if (!Array.isArray(authEvents) || authEvents.length > limits.maxAuthEvents) return 'too many auth_events';
  return [...prevEvents, ...authEvents].every((reference) => isReference(reference, version))
    ? undefined
    : 'prev_events or auth_events are not event ids';
}

function isReference(reference: unknown, version: RoomVersion): boolean {
  if (version.eventIds !== 'assigned') return isEventId(reference, version);
  if (!Array.isArray(reference) || reference.length !== 2) return false;
  const [eventId, hashes] = reference;
  // Synapse leaves the hash out where it makes several events at once.
  return isEventId(eventId, version) && isJsonObject(hashes) && typeof (hashes.sha256 ?? '') === 'string';
}

const hashEventId = { base64: /^\$[A-Za-z0-9+/]{43}$/, base64url: /^\$[A-Za-z0-9_-]{43}$/ };

function isEventId(value: unknown, version: RoomVersion): boolean {
  if (typeof value !== 'string') return false;
  if (version.eventIds !== 'assigned') return hashEventId[version.eventIds].test(value);
  const colon = value.indexOf(':');
  return (
    colon > 0 && parseEventId(value) !== undefined && parseServerName(value.slice(colon + 1)) !== undefined
  );
}

function isRoomId(value: unknown, version: RoomVersion): boolean {
  if (typeof value !== 'string' || !parseRoomId(value)) return false;
  return value.includes(':') === (version.roomIds === 'domain');
}

/** Up to 2^63−1 where canonical JSON is not enforced; as a JavaScript number that is 2^63. */
const maxLooseDepth = 2 ** 63;

function isDepth(value: unknown, version: RoomVersion): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return false;
  return value <= (version.strictCanonicalJson ? Number.MAX_SAFE_INTEGER : maxLooseDepth);
}

function areSignatures(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    Object.values(value).every(
      (byKey) =>
        isJsonObject(byKey) && Object.values(byKey).every((signature) => typeof signature === 'string'),
    )
  );
}
