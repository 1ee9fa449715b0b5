import * as v from 'valibot';
import type { ClientEvent, StateEvent } from '../matrix/events.ts';
import {
  type EventId,
  type MxcUri,
  parseEventId,
  parseMxcUri,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../matrix/json.ts';

/** Bodies of the client-server API as `AppserviceClient` sends and reads them. */

const parsedBy = <T extends string>(parse: (text: string) => unknown, what: string) =>
  v.custom<T>((value) => typeof value === 'string' && parse(value) !== undefined, `not ${what}`);

const roomId = parsedBy<RoomId>(parseRoomId, 'a room id');
const eventId = parsedBy<EventId>(parseEventId, 'an event id');
const userId = parsedBy<UserId>(parseUserId, 'a user id');
const mxcUri = parsedBy<MxcUri>(parseMxcUri, 'a content URI');
const jsonObject = v.custom<JsonObject>(isJsonObject, 'not an object');
const isEvent = (value: unknown) =>
  isJsonObject(value) &&
  typeof value.event_id === 'string' &&
  typeof value.type === 'string' &&
  typeof value.sender === 'string' &&
  isJsonObject(value.content);
const clientEvent = v.custom<ClientEvent>(isEvent, 'not an event');
const stateEvent = v.custom<StateEvent>(
  (value) => isEvent(value) && typeof (value as JsonObject).state_key === 'string',
  'not a state event',
);

export const answers = {
  any: jsonObject,
  room: v.object({ room_id: roomId }),
  event: v.object({ event_id: eventId }),
  events: v.object({ event_ids: v.array(eventId) }),
  clientEvent,
  state: v.array(stateEvent),
  members: v.object({ chunk: v.array(stateEvent) }),
  joinedMembers: v.object({
    joined: v.record(
      v.string(),
      v.object({ display_name: v.nullish(v.string()), avatar_url: v.nullish(v.string()) }),
    ),
  }),
  joinedRooms: v.object({ joined_rooms: v.array(roomId) }),
  messages: v.object({
    chunk: v.array(clientEvent),
    start: v.optional(v.string()),
    end: v.optional(v.string()),
  }),
  content: v.object({ content_uri: mxcUri }),
  mediaConfig: v.object({ 'm.upload.size': v.optional(v.number()) }),
  alias: v.object({ room_id: roomId, servers: v.array(v.string()) }),
  profile: v.looseObject({ displayname: v.nullish(v.string()), avatar_url: v.nullish(v.string()) }),
  whoami: v.object({ user_id: userId, device_id: v.optional(v.string()) }),
  ping: v.object({ duration_ms: v.number() }),
} as const;

export interface CreateRoomRequest {
  preset?: 'private_chat' | 'trusted_private_chat' | 'public_chat';
  visibility?: 'public' | 'private';
  room_alias_name?: string;
  name?: string;
  topic?: string;
  invite?: string[];
  is_direct?: boolean;
  room_version?: string;
  creation_content?: JsonObject;
  initial_state?: { type: string; state_key?: string; content: JsonObject }[];
  power_level_content_override?: JsonObject;
}

/** "Timestamp massaging": the event is dated `ts` (epoch ms), for messages brought over late. */
export interface Dated {
  ts?: number | undefined;
}

export interface MessagesRequest {
  dir: 'b' | 'f';
  from?: string;
  to?: string;
  limit?: number;
}

/** `com.beeper.backfill`: several past events of ghosts at once. */
export interface BatchSendRequest {
  forward?: boolean;
  forward_if_no_messages?: boolean;
  send_notification?: boolean;
  mark_read_by?: string;
  events: JsonObject[];
}

export interface UploadRequest {
  body: Uint8Array | ReadableStream<Uint8Array>;
  /** Of a stream, if it is known: some homeservers take nothing whose length they are not told first. */
  sizeBytes?: number;
  contentType: string;
  fileName?: string | undefined;
  timeoutMs?: number;
}
