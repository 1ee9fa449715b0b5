import type { EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';

/** In room versions 1 and 2 a reference carries the hash of the event; later the id is that hash. */
export type EventReference = EventId | [eventId: EventId, hashes: { sha256?: string }];

/** Server name → key id → unpadded base64. */
export type Signatures = { [serverName: string]: { [keyId: string]: string } };

/**
 * An event as servers exchange it, checked by `parsePdu`: server-server API, "PDUs". Members that this
 * server does not know are kept, because the hashes cover them.
 */
export interface Pdu extends JsonObject {
  type: string;
  sender: UserId;
  /** Absent in the create event where the room is named by its hash (version 12). */
  room_id?: RoomId;
  state_key?: string;
  content: JsonObject;
  prev_events: EventReference[];
  auth_events: EventReference[];
  depth: number;
  /** Epoch ms by the clock of the sender's server. */
  origin_server_ts: number;
  hashes: { sha256: string };
  signatures: Signatures;
  /** Room versions 1–10; later it is in `content`. */
  redacts?: string;
  /** Room versions 1 and 2 only. */
  event_id?: EventId;
  unsigned?: JsonObject;
}

export function prevEventIds(pdu: Pick<Pdu, 'prev_events'>): EventId[] {
  return pdu.prev_events.map(referencedId);
}

export function authEventIds(pdu: Pick<Pdu, 'auth_events'>): EventId[] {
  return pdu.auth_events.map(referencedId);
}

export function referencedId(reference: EventReference): EventId {
  return typeof reference === 'string' ? reference : reference[0];
}
