import * as v from 'valibot';
import { badJson } from '../../../../../matrix/errors.ts';
import type { DeviceId, RoomId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { type SlidingRequest, slidingRequest } from '../../../protocol/sync/sliding-request.ts';
import { toV4Extensions, toV4Room } from '../../../protocol/sync/sliding-v4.ts';
import type { UserContext } from '../user-context.ts';
import {
  type Connection,
  type ConnectionState,
  commitAnswer,
  openConnection,
  type SentRoom,
  sentRoom,
} from './connections.ts';
import { accountDataExtension } from './extensions/account-data.ts';
import { e2eeExtension } from './extensions/e2ee.ts';
import { askedExtensions, type ExtensionScope } from './extensions/extension-rooms.ts';
import { receiptsExtension } from './extensions/receipts.ts';
import { threadSubscriptionsExtension } from './extensions/thread-subscriptions.ts';
import { toDeviceExtension } from './extensions/to-device.ts';
import { typingExtension } from './extensions/typing.ts';
import { answerRoom, type RoomAnswer } from './room-response.ts';
import { hashOf, type WantedRooms, wantedRooms } from './wanted-rooms.ts';

/** Configurations that a connection remembers; of a forgotten one the state is sent again. */
const maxConfigs = 50;

const threadsName = 'io.element.msc4308.thread_subscriptions';

export interface SlidingCall {
  body: unknown;
  pos: string | undefined;
  /** 0: do not wait. */
  timeoutMs: number;
  /** The accepted form of MSC4186 is asked for. */
  isV4: boolean;
  deviceId: DeviceId;
  phase: 'arrival' | 'wake';
  nowMs: number;
}

export interface SlidingAnswer {
  body: JsonObject;
  empty: boolean;
  incomplete: RoomId[];
  connId: string;
}

/**
 * Simplified sliding sync (MSC4186):
 * 1. continue the connection, or begin it anew; 2. find the rooms that may have news; 3. answer each;
 * 4. extensions; 5. record what was sent, unless there was nothing to tell and the client goes on waiting.
 * @throws MatrixError
 */
export function answerSliding(user: UserContext, call: SlidingCall): SlidingAnswer {
  const parsed = v.safeParse(slidingRequest, call.body);
  if (!parsed.success)
    throw badJson(`${v.getDotPath(parsed.issues[0]) ?? 'body'}: ${parsed.issues[0].message}`);
  const request = parsed.output;
  const { deviceId, phase, nowMs } = call;
  const connection = openConnection(user, deviceId, request.conn_id, call.pos, phase, nowMs);
  const wanted = wantedRooms(user, connection, request);
  const { answers, recorded, configs } = answerRooms(user, connection, wanted, call);
  const told = [...answers].filter(([, answer]) => answer.response !== undefined);
  const asked = askedExtensions(request);
  const scopeOf = (name: string): ExtensionScope => ({
    request,
    wanted,
    since: connection.since,
    isNew: connection.isNew,
    answers,
    isAskedAnew: !connection.isNew && connection.state.extensions[name] !== asked[name],
  });
  const extensions = answerExtensions(user, request, connection, scopeOf, call);
  const shownRoom = (roomId: string, response: JsonObject) => {
    const room = wanted.rooms.get(roomId);
    if (!call.isV4 || !room) return response;
    const lists = [...wanted.windows].filter(([, window]) => window.contains(room)).map(([key]) => key);
    return toV4Room(response, { membership: room.membership, lists });
  };
  const empty = told.length === 0 && extensions.empty;
  const waits = empty && call.pos !== undefined && call.timeoutMs > 0;
  const state: ConnectionState = { ...wanted.nextState, configs, extensions: asked };
  const pos = waits && call.pos ? call.pos : commitAnswer(user, connection, state, recorded, nowMs);
  const body: JsonObject = {
    pos,
    ...(request.txn_id != null && { txn_id: request.txn_id }),
    lists: Object.fromEntries([...wanted.windows].map(([key, window]) => [key, { count: window.count }])),
    rooms: Object.fromEntries(
      told.map(([roomId, { response = {} }]) => [roomId, shownRoom(roomId, response)]),
    ),
    extensions: call.isV4 ? toV4Extensions(extensions.body) : extensions.body,
  };
  const incomplete = told.filter(([, answer]) => answer.incomplete).map(([roomId]) => roomId as RoomId);
  return { body, empty, incomplete, connId: request.conn_id };
}

interface Answered {
  answers: Map<string, RoomAnswer>;
  /** Rooms of which the connection has to know something else than before. */
  recorded: Map<string, SentRoom>;
  configs: ConnectionState['configs'];
}

function answerRooms(
  user: UserContext,
  connection: Connection,
  wanted: WantedRooms,
  call: SlidingCall,
): Answered {
  const answers = new Map<string, RoomAnswer>();
  const recorded = new Map<string, SentRoom>();
  const configs = { ...connection.state.configs };
  for (const room of wanted.rooms.values()) {
    const sent = connection.isNew ? undefined : sentRoom(user, connection, room.roomId);
    const gone =
      (room.membership === 'leave' || room.membership === 'ban') && room.memberAt > connection.since;
    // One's own leave comes last of all, though the room is in no list any more.
    const asked = wanted.configOf(room) ?? (gone ? lastConfig(sent, configs) : undefined);
    if (!asked) {
      if (sent && wanted.changed.has(room.roomId) && sent.skippedAt === undefined) {
        recorded.set(room.roomId, { ...sent, skippedAt: connection.since });
      }
      continue;
    }
    const configKey = hashOf(asked.requiredState);
    const answer = answerRoom(user, room, call, {
      config: asked,
      configKey,
      since: connection.since,
      sent,
      sentPairs: sent && configs[sent.config],
    });
    answers.set(room.roomId, answer);
    if (JSON.stringify(answer.sent) !== JSON.stringify(sent)) recorded.set(room.roomId, answer.sent);
    configs[configKey] ??= asked.requiredState;
  }
  return { answers, recorded, configs: Object.fromEntries(Object.entries(configs).slice(-maxConfigs)) };
}

function lastConfig(sent: SentRoom | undefined, configs: ConnectionState['configs']) {
  return sent && { timelineLimit: sent.limit, requiredState: configs[sent.config] ?? [] };
}

function answerExtensions(
  user: UserContext,
  { extensions }: SlidingRequest,
  { since, isNew }: Connection,
  scopeOf: (name: string) => ExtensionScope,
  { deviceId, phase, nowMs }: SlidingCall,
): { body: JsonObject; empty: boolean } {
  const { to_device, e2ee, account_data, receipts, typing, [threadsName]: threads } = extensions;
  const parts = {
    ...(to_device?.enabled && { to_device: toDeviceExtension(user, deviceId, to_device, phase, nowMs) }),
    ...(e2ee?.enabled && { e2ee: e2eeExtension(user, deviceId, since, isNew) }),
    ...(account_data?.enabled && {
      account_data: accountDataExtension(user, account_data, scopeOf('account_data')),
    }),
    ...(receipts?.enabled && { receipts: receiptsExtension(user, receipts, scopeOf('receipts')) }),
    ...(typing?.enabled && { typing: typingExtension(typing, scopeOf('typing')) }),
    ...(threads?.enabled && {
      [threadsName]: threadSubscriptionsExtension(user, threads.limit ?? undefined, since, isNew),
    }),
  };
  return {
    body: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.extension])),
    empty: Object.values(parts).every((part) => part.empty),
  };
}
