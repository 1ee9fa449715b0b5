import type { EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { eventIdOf } from './event-hash.ts';
import type { EventReference, Pdu } from './pdu.ts';
import type { RoomVersion } from './room-versions.ts';
import { hashAndSign, type SigningKey } from './signatures.ts';

export interface EventInput {
  version: RoomVersion;
  /** Absent only in the create event of a room that is named by its hash. */
  roomId?: RoomId;
  sender: UserId;
  type: string;
  stateKey?: string;
  content: JsonObject;
  /** Target of a redaction; placed where the room version wants it. */
  redacts?: string;
  prevEvents: readonly EventReference[];
  authEvents: readonly EventReference[];
  depth: number;
  originServerTs: number;
  serverName: string;
  signingKey: SigningKey;
  /** Only, and always, for the room versions that do not derive the id from the event (1 and 2). */
  eventId?: EventId;
}

/**
 * Makes, hashes and signs an event. The caller authorizes it and checks its size (`sizeProblem`).
 * @throws CanonicalJsonError if the content has floats, large integers or lone surrogates
 */
export function buildEvent(input: EventInput): { pdu: Pdu; eventId: EventId } {
  const { version } = input;
  const unsignedEvent: Omit<Pdu, 'hashes' | 'signatures'> = {
    type: input.type,
    sender: input.sender,
    content: contentFor(input),
    prev_events: [...input.prevEvents],
    auth_events: [...input.authEvents],
    depth: input.depth,
    origin_server_ts: input.originServerTs,
  };
  const namesItsRoom = version.roomIds === 'domain' || input.type !== 'm.room.create';
  if (namesItsRoom && input.roomId !== undefined) unsignedEvent.room_id = input.roomId;
  if (input.stateKey !== undefined) unsignedEvent.state_key = input.stateKey;
  if (version.eventIds === 'assigned' && input.eventId !== undefined) unsignedEvent.event_id = input.eventId;
  if (version.redacts === 'topLevel' && input.redacts !== undefined) unsignedEvent.redacts = input.redacts;
  const pdu = hashAndSign(unsignedEvent, version, input.serverName, input.signingKey) as Pdu;
  return { pdu, eventId: eventIdOf(pdu, version) };
}

function contentFor({ version, type, content, sender, redacts }: EventInput): JsonObject {
  if (type === 'm.room.create' && version.creator === 'content') return { ...content, creator: sender };
  if (version.redacts === 'content' && redacts !== undefined) return { ...content, redacts };
  return content;
}
