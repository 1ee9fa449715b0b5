import { env } from 'cloudflare:workers';
import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { buildEvent } from '../../../protocol/build-event.ts';
import { roomIdOfCreate } from '../../../protocol/event-hash.ts';
import { roomVersion } from '../../../protocol/room-versions.ts';
import { initialEvents, type RoomPlan } from '../../../services/initial-events.ts';
import type { AppendInput, AppendResult, CreateRoomInput, RoomRpc } from '../../room-rpc.ts';

/** Rooms for tests, made by RPC alone. */
export const alice = '@alice:roost.test' as UserId;
export const bob = '@bob:roost.test' as UserId;
export const carol = '@carol:roost.test' as UserId;
export const ghost = '@_test_ghost:roost.test' as UserId;

let created = 0;

export interface TestRoom {
  roomId: RoomId;
  rpc: RoomRpc;
  send(sender: UserId, body: string, more?: Partial<AppendInput>): Promise<AppendResult>;
  member(userId: UserId, membership: string, sender?: UserId): Promise<AppendResult>;
  state(sender: UserId, type: string, content: JsonObject, stateKey?: string): Promise<AppendResult>;
}

export interface TestRoomOptions extends Partial<Omit<RoomPlan, 'version'>> {
  version?: string;
  events?: AppendInput[];
}

/** Everything that `create` takes, and the room that it is for. */
export function roomInput(options: TestRoomOptions = {}): { roomId: RoomId; input: CreateRoomInput } {
  const version = roomVersion(options.version ?? '12');
  if (!version) throw new Error('no such room version');
  const { serverName, signingKey } = readConfig(env as unknown as Env);
  const creator = options.creator ?? alice;
  created += 1;
  const { pdu } = buildEvent({
    version,
    ...(version.roomIds === 'domain' ? { roomId: `!room${created}:${serverName}` as RoomId } : {}),
    ...(version.eventIds === 'assigned' ? { eventId: `$create${created}:${serverName}` as EventId } : {}),
    sender: creator,
    type: 'm.room.create',
    stateKey: '',
    content: { room_version: version.id },
    prevEvents: [],
    authEvents: [],
    depth: 1,
    originServerTs: created,
    serverName,
    signingKey,
  });
  const events = initialEvents({
    creatorContent: { membership: 'join' },
    invites: [],
    preset: 'public_chat',
    initialState: [],
    ...options,
    creator,
    version,
  });
  return {
    roomId: roomIdOfCreate(pdu, version),
    input: { roomVersion: version.id, createEvent: pdu, events: [...events, ...(options.events ?? [])] },
  };
}

export async function makeRoom(options: TestRoomOptions = {}): Promise<TestRoom> {
  const { roomId, input } = roomInput(options);
  const rpc = roomStub(roomId);
  const result = await rpc.create(input);
  if (result.kind !== 'created') throw new Error(result.error);
  return {
    roomId,
    rpc,
    send: (sender, body, more) =>
      rpc.append({ sender, type: 'm.room.message', content: { msgtype: 'm.text', body }, ...more }),
    member: (userId, membership, sender = userId) =>
      rpc.append({ sender, type: 'm.room.member', stateKey: userId, content: { membership } }),
    state: (sender, type, content, stateKey = '') => rpc.append({ sender, type, stateKey, content }),
  };
}

export function roomStub(roomId: string): RoomRpc & DurableObjectStub {
  return (env as unknown as { ROOMS: DurableObjectNamespace }).ROOMS.getByName(roomId) as unknown as RoomRpc &
    DurableObjectStub;
}

/** The id of an accepted event; anything else fails the test. */
export function eventIdOf(result: AppendResult): string {
  if (result.kind !== 'accepted') throw new Error(`${result.errcode}: ${result.error}`);
  return result.eventId;
}
