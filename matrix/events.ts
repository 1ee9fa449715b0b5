import type { EventId, RoomId, UserId } from './identifiers.ts';
import type { JsonObject } from './json.ts';

/** Client-server API, "Room event format": what clients and application services are shown. */
export interface ClientEvent {
  event_id: EventId;
  room_id?: RoomId;
  type: string;
  sender: UserId;
  origin_server_ts: number;
  content: JsonObject;
  state_key?: string;
  /** Top-level form of `content.redacts`, for clients that know only the older room versions. */
  redacts?: string;
  unsigned?: JsonObject;
}

/** A client event that is part of a room's state. */
export type StateEvent = ClientEvent & { state_key: string };

/** Client-server API, "Stripped state": what invitees and knockers may see. */
export interface StrippedStateEvent {
  type: string;
  state_key: string;
  sender: UserId;
  content: JsonObject;
}

export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban';

export function isMembership(value: unknown): value is Membership {
  return value === 'join' || value === 'invite' || value === 'knock' || value === 'leave' || value === 'ban';
}
