import type * as v from 'valibot';
import type { ClientEvent, StateEvent } from '../matrix/events.ts';
import type { EventId, MxcUri, RoomId, UserId } from '../matrix/identifiers.ts';
import { parseMxcUri } from '../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../matrix/json.ts';
import {
  type AppserviceClientOptions,
  type CallOptions,
  callHomeserver,
  path,
  readAnswer,
} from './client-request.ts';
import {
  answers,
  type BatchSendRequest,
  type CreateRoomRequest,
  type Dated,
  type MessagesRequest,
  type UploadRequest,
} from './client-types.ts';
import { MatrixApiError } from './matrix-api-error.ts';

const v3 = '/_matrix/client/v3';
/** Media may be large and the way slow. */
const mediaTimeoutMs = 10 * 60_000;

/**
 * The client-server API as an application service uses it: as its bot, or by `asUser` as one of its users.
 * Methods are named by the specification's `operationId`. All throw `MatrixApiError`; none repeats a call.
 */
export class AppserviceClient {
  readonly #options: AppserviceClientOptions;

  constructor(options: AppserviceClientOptions) {
    this.#options = options;
  }

  asUser(userId: string, deviceId?: string): AppserviceClient {
    return new AppserviceClient({
      ...this.#options,
      userId,
      ...(deviceId === undefined ? {} : { deviceId }),
    });
  }

  /** Any call that has no method here; paths are made by `path`. */
  async request<Schema extends v.GenericSchema>(
    method: string,
    target: string,
    schema: Schema,
    call: CallOptions = {},
  ): Promise<v.InferOutput<Schema>> {
    const response = await callHomeserver(this.#options, method, target, call);
    return readAnswer(`${method} ${target}`, response, schema);
  }

  // The application service itself

  getTokenOwner(): Promise<{ user_id: UserId; device_id?: string | undefined }> {
    return this.request('GET', `${v3}/account/whoami`, answers.whoami);
  }

  /** Creates a ghost, without a session. One that exists already is success. */
  async register(localpart: string): Promise<void> {
    const json = { type: 'm.login.application_service', username: localpart, inhibit_login: true };
    try {
      await this.request('POST', `${v3}/register`, answers.any, { json });
    } catch (error) {
      if (!(error instanceof MatrixApiError && error.errcode === 'M_USER_IN_USE')) throw error;
    }
  }

  /** @returns how long the homeserver waited for our answer, in ms */
  async pingAppservice(appserviceId: string, transactionId?: string): Promise<number> {
    const json = transactionId === undefined ? {} : { transaction_id: transactionId };
    const target = path`/_matrix/client/v1/appservice/${appserviceId}/ping`;
    return (await this.request('POST', target, answers.ping, { json })).duration_ms;
  }

  // Rooms and membership

  async createRoom(room: CreateRoomRequest): Promise<RoomId> {
    const json = room as JsonObject;
    return (await this.request('POST', `${v3}/createRoom`, answers.room, { json })).room_id;
  }

  async inviteUser(roomId: string, userId: string, extra: JsonObject = {}): Promise<void> {
    await this.#membership(roomId, 'invite', { ...extra, user_id: userId });
  }

  /** Idempotent: a member who joins again stays one. */
  async joinRoom(roomIdOrAlias: string, via: string[] = []): Promise<RoomId> {
    const target = `${v3}${path`/join/${roomIdOrAlias}`}`;
    return (await this.request('POST', target, answers.room, { json: {}, query: { via } })).room_id;
  }

  async leaveRoom(roomId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'leave', withReason({}, reason));
  }

  async forgetRoom(roomId: string): Promise<void> {
    await this.#membership(roomId, 'forget', {});
  }

  async kick(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'kick', withReason({ user_id: userId }, reason));
  }

  async ban(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'ban', withReason({ user_id: userId }, reason));
  }

  async unban(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'unban', withReason({ user_id: userId }, reason));
  }

  async #membership(roomId: string, action: string, json: JsonObject): Promise<void> {
    await this.request('POST', `${v3}${path`/rooms/${roomId}/${action}`}`, answers.any, { json });
  }

  async getJoinedRooms(): Promise<RoomId[]> {
    return (await this.request('GET', `${v3}/joined_rooms`, answers.joinedRooms)).joined_rooms;
  }

  // Events

  /** @param txnId the same id gives the same event, however often it is sent */
  async sendMessage(
    roomId: string,
    type: string,
    txnId: string,
    content: JsonObject,
    dated: Dated = {},
  ): Promise<EventId> {
    const target = `${v3}${path`/rooms/${roomId}/send/${type}/${txnId}`}`;
    return this.#send(target, content, dated);
  }

  async setRoomStateWithKey(
    roomId: string,
    type: string,
    stateKey: string,
    content: JsonObject,
    dated: Dated = {},
  ): Promise<EventId> {
    return this.#send(`${v3}${path`/rooms/${roomId}/state/${type}/${stateKey}`}`, content, dated);
  }

  async redactEvent(
    roomId: string,
    eventId: string,
    txnId: string,
    reason?: string,
    dated: Dated = {},
  ): Promise<EventId> {
    const target = `${v3}${path`/rooms/${roomId}/redact/${eventId}/${txnId}`}`;
    return this.#send(target, withReason({}, reason), dated);
  }

  async #send(target: string, json: JsonObject, { ts }: Dated): Promise<EventId> {
    return (await this.request('PUT', target, answers.event, { json, query: { ts } })).event_id;
  }

  /** `com.beeper.backfill`; servers that have it say `com.beeper.batch_sending` in `/versions`. */
  async batchSend(roomId: string, batch: BatchSendRequest): Promise<EventId[]> {
    const target = path`/_matrix/client/unstable/com.beeper.backfill/rooms/${roomId}/batch_send`;
    return (await this.request('POST', target, answers.events, { json: { ...batch } })).event_ids;
  }

  getOneRoomEvent(roomId: string, eventId: string): Promise<ClientEvent> {
    return this.request('GET', `${v3}${path`/rooms/${roomId}/event/${eventId}`}`, answers.clientEvent);
  }

  getRoomEvents(roomId: string, query: MessagesRequest): Promise<v.InferOutput<typeof answers.messages>> {
    const target = `${v3}${path`/rooms/${roomId}/messages`}`;
    return this.request('GET', target, answers.messages, { query: { ...query } });
  }

  getRoomState(roomId: string): Promise<StateEvent[]> {
    return this.request('GET', `${v3}${path`/rooms/${roomId}/state`}`, answers.state);
  }

  /** @returns the content; `undefined` if there is no such state */
  getRoomStateWithKey(roomId: string, type: string, stateKey: string): Promise<JsonObject | undefined> {
    const target = `${v3}${path`/rooms/${roomId}/state/${type}/${stateKey}`}`;
    return orNothing(this.request('GET', target, answers.any));
  }

  async getMembersByRoom(roomId: string): Promise<StateEvent[]> {
    const target = `${v3}${path`/rooms/${roomId}/members`}`;
    return (await this.request('GET', target, answers.members)).chunk;
  }

  async getJoinedMembersByRoom(
    roomId: string,
  ): Promise<v.InferOutput<typeof answers.joinedMembers>['joined']> {
    const target = `${v3}${path`/rooms/${roomId}/joined_members`}`;
    return (await this.request('GET', target, answers.joinedMembers)).joined;
  }

  // What a user shows and marks. These act as the user of this client, whose id they need in the path.

  async setTyping(roomId: string, userId: string, timeoutMs: number | false): Promise<void> {
    const json = timeoutMs === false ? { typing: false } : { typing: true, timeout: timeoutMs };
    await this.request('PUT', `${v3}${path`/rooms/${roomId}/typing/${userId}`}`, answers.any, { json });
  }

  async postReceipt(
    roomId: string,
    eventId: string,
    type: 'm.read' | 'm.read.private' | 'm.fully_read' = 'm.read',
    threadId?: string,
  ): Promise<void> {
    const json = threadId === undefined ? {} : { thread_id: threadId };
    const target = `${v3}${path`/rooms/${roomId}/receipt/${type}/${eventId}`}`;
    await this.request('POST', target, answers.any, { json });
  }

  /** Sets `m.fully_read` and the receipts at once. */
  async setReadMarker(roomId: string, markers: Record<string, string>): Promise<void> {
    const target = `${v3}${path`/rooms/${roomId}/read_markers`}`;
    await this.request('POST', target, answers.any, { json: markers });
  }

  getUserProfile(userId: string): Promise<v.InferOutput<typeof answers.profile> | undefined> {
    return orNothing(this.request('GET', `${v3}${path`/profile/${userId}`}`, answers.profile));
  }

  setDisplayName(userId: string, displayName: string): Promise<void> {
    return this.setProfileField(userId, 'displayname', displayName);
  }

  setAvatarUrl(userId: string, avatarUrl: MxcUri | ''): Promise<void> {
    return this.setProfileField(userId, 'avatar_url', avatarUrl);
  }

  async setProfileField(userId: string, name: string, value: JsonValue): Promise<void> {
    const target = `${v3}${path`/profile/${userId}/${name}`}`;
    await this.request('PUT', target, answers.any, { json: { [name]: value } });
  }

  getAccountData(userId: string, type: string, roomId?: string): Promise<JsonObject | undefined> {
    return orNothing(this.request('GET', accountDataPath(userId, type, roomId), answers.any));
  }

  async setAccountData(userId: string, type: string, content: JsonObject, roomId?: string): Promise<void> {
    await this.request('PUT', accountDataPath(userId, type, roomId), answers.any, { json: content });
  }

  async setRoomTag(userId: string, roomId: string, tag: string, content: JsonObject = {}): Promise<void> {
    const target = `${v3}${path`/user/${userId}/rooms/${roomId}/tags/${tag}`}`;
    await this.request('PUT', target, answers.any, { json: content });
  }

  async deleteRoomTag(userId: string, roomId: string, tag: string): Promise<void> {
    const target = `${v3}${path`/user/${userId}/rooms/${roomId}/tags/${tag}`}`;
    await this.request('DELETE', target, answers.any);
  }

  // Room aliases

  getRoomIdByAlias(alias: string): Promise<{ room_id: RoomId; servers: string[] } | undefined> {
    return orNothing(this.request('GET', `${v3}${path`/directory/room/${alias}`}`, answers.alias));
  }

  async setRoomAlias(alias: string, roomId: string): Promise<void> {
    const target = `${v3}${path`/directory/room/${alias}`}`;
    await this.request('PUT', target, answers.any, { json: { room_id: roomId } });
  }

  async deleteRoomAlias(alias: string): Promise<void> {
    await this.request('DELETE', `${v3}${path`/directory/room/${alias}`}`, answers.any);
  }

  // Media

  async uploadContent({ body, sizeBytes, contentType, fileName, timeoutMs }: UploadRequest): Promise<MxcUri> {
    const answer = await this.request('POST', '/_matrix/media/v3/upload', answers.content, {
      body: (body instanceof ReadableStream && sizeBytes !== undefined
        ? ofLength(body, sizeBytes)
        : body) as BodyInit,
      headers: { 'content-type': contentType },
      query: { filename: fileName },
      timeoutMs: timeoutMs ?? mediaTimeoutMs,
    });
    return answer.content_uri;
  }

  /** @returns the answer, whose body has not been read; `content-disposition` has the file name */
  async getContentAuthed(mxc: string, { range }: { range?: string } = {}): Promise<Response> {
    const target = mediaPath(mxc);
    return callHomeserver(this.#options, 'GET', target, {
      timeoutMs: mediaTimeoutMs,
      followRedirect: true,
      ...(range === undefined ? {} : { headers: { range } }),
    });
  }

  /** Largest upload in bytes; `undefined` if the homeserver tells no limit. */
  async getConfigAuthed(): Promise<number | undefined> {
    return (await this.request('GET', '/_matrix/client/v1/media/config', answers.mediaConfig))[
      'm.upload.size'
    ];
  }
}

/** A stream that is sent with its length, not in chunks. It fails if it turns out to be another. */
function ofLength(body: ReadableStream<Uint8Array>, sizeBytes: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(sizeBytes);
  // Whoever reads is told of a failure.
  body.pipeTo(writable).catch(() => undefined);
  return readable;
}

function withReason(body: JsonObject, reason: string | undefined): JsonObject {
  return reason === undefined ? body : { ...body, reason };
}

function accountDataPath(userId: string, type: string, roomId: string | undefined): string {
  return roomId === undefined
    ? `${v3}${path`/user/${userId}/account_data/${type}`}`
    : `${v3}${path`/user/${userId}/rooms/${roomId}/account_data/${type}`}`;
}

function mediaPath(mxc: string): string {
  const content = parseMxcUri(mxc);
  if (!content) throw new MatrixApiError('getContentAuthed', 400, 'M_INVALID_PARAM', 'not a content URI');
  return path`/_matrix/client/v1/media/download/${content.serverName}/${content.mediaId}`;
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MatrixApiError && error.status === 404 && error.errcode === 'M_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
