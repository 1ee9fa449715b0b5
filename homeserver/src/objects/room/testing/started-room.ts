import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { version as versionById } from '../../../protocol/testing/versions.ts';
import type { ReceivedEvent, RoomRpc } from '../../room-rpc.ts';
import { member } from './remote-history.ts';
import { type RemoteFields, type RemoteOptions, RemoteRoom } from './remote-room.ts';
import { alice, bob, roomStub } from './test-room.ts';

export const creator = '@creator:one' as UserId;
export const moderator = '@mod:two' as UserId;
export const guest = '@guest:three' as UserId;

/** The beginning of a public room in which `creator`, `moderator` (50), `guest`, `alice` (50) and `bob` are. */
export function beginRoom(
  versionId: string,
  name: string,
  levels: JsonObject = {},
): { remote: RemoteRoom; start: EventId } {
  const version = versionById(versionId);
  const remote = new RemoteRoom(version, name);
  const own = version.creatorsHaveInfinitePower ? {} : { [creator]: 100 };
  const users = { ...own, [moderator]: 50, [alice]: 50 };
  const beginning: RemoteFields[] = [
    member(creator, 'join'),
    { type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users, ...levels } },
    { type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } },
    ...[moderator, guest, alice, bob].map((user) => member(user, 'join')),
  ];
  let start = remote.create.eventId;
  for (const fields of beginning) start = remote.add(fields, [start]);
  return { remote, start };
}

export interface StartedRoom {
  roomId: RoomId;
  remote: RemoteRoom;
  rpc: RoomRpc;
  start: EventId;
  /** Makes an event, and gives it to the room. */
  receive(fields: RemoteFields, after: EventId[], options?: RemoteOptions): Promise<EventId>;
  /** Of the room's state as a member reads it. */
  value(type: string, stateKey?: string): Promise<EventId | undefined>;
}

/** The same in its object, by RPC alone. */
export async function startRoom(versionId: string, name: string, levels?: JsonObject): Promise<StartedRoom> {
  const { remote, start } = beginRoom(versionId, name, levels);
  const rpc = roomStub(remote.roomId);
  await rpc.create({ roomVersion: versionId, createEvent: remote.create.pdu, events: [] });
  const [, ...beginning] = [...remote.events.values()].map(({ pdu }) => pdu);
  results(await rpc.receive({ pdus: beginning }), 'accepted');
  return {
    roomId: remote.roomId,
    remote,
    rpc,
    start,
    receive: async (fields, after, options) => {
      const eventId = remote.add(fields, after, options);
      const [result] = results(await rpc.receive({ pdus: [remote.pdu(eventId)] }));
      if (result?.kind === 'missing' || result?.kind === 'malformed') throw new Error(JSON.stringify(result));
      return eventId;
    },
    value: async (type, stateKey = '') => {
      const read = await rpc.readStateEvent(alice, type, stateKey);
      return read.kind === 'event' ? (read.event.event_id as EventId) : undefined;
    },
  };
}

/** What was received, if `receive` was not denied. @param kind all of them are that */
export function results(received: Awaited<ReturnType<RoomRpc['receive']>>, kind?: string): ReceivedEvent[] {
  if ('errcode' in received) throw new Error(received.error);
  if (!Array.isArray(received)) throw new Error('the policy server is to be asked');
  const other = kind && received.find((result) => result.kind !== kind);
  if (other) throw new Error(`not ${kind}: ${JSON.stringify(other)}`);
  return received;
}

export function message(sender: string, body: string): RemoteFields {
  return { type: 'm.room.message', sender, content: { msgtype: 'm.text', body } };
}

export function topic(sender: string, text: string): RemoteFields {
  return { type: 'm.room.topic', sender, stateKey: '', content: { topic: text } };
}
