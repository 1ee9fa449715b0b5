import type { ReceivedEvent } from '../../homeserver/src/objects/room-rpc.ts';
import type { UserId } from '../../matrix/identifiers.ts';
import type { BenchRuntime } from './bench-runtime.ts';
import { importRoom } from './import-room.ts';
import { type EventFields, type RemoteEvent, RemoteRoom, user } from './remote-room.ts';
import { atMost } from './targets.ts';

export interface ForkCosts {
  /** One branch, event by event. */
  receiveMs: number;
  /** The other, as the state at its end: as after a time in which this server was away. */
  outliersMs: number;
  /** The end of that branch: all of both is in conflict, and is resolved. */
  resolveMs: number;
  /** A message behind that end. */
  messageMs: number;
  /** A state event behind that end: all is resolved again. */
  stateMs: number;
  mergeMs: number;
}

export type ForkKind = 'distinct' | 'same' | 'members';

/** As many events as a transaction between servers has. */
const transaction = 50;

/**
 * Two branches of state events, and an event that joins them.
 * @param kind `distinct`: each branch sets others; `same`: both set the same; `members`: people join and are banned
 */
export async function forkCosts(
  runtime: BenchRuntime,
  versionId: string,
  kind: ForkKind,
  eventsPerBranch: number,
): Promise<ForkCosts> {
  const room = new RemoteRoom(versionId, `fork${versionId}${kind}`);
  const beginning = room.addBeginning();
  const admin = room.member(user('admin'));
  const creators = room.version.creatorsHaveInfinitePower ? {} : { [room.creator]: 100 };
  const users = { ...creators, [admin.pdu.sender]: 90 };
  room.add({ type: 'm.room.power_levels', sender: room.creator, stateKey: '', content: { users } });
  await importRoom(
    runtime,
    room,
    [...beginning, admin].map(({ pdu }) => pdu),
  );
  const root = room.newest;
  const branch = (number: 0 | 1) => {
    const state = new Map(room.state);
    const events: RemoteEvent[] = [];
    const add = (fields: EventFields) => {
      events.push(room.add({ ...fields, after: [events.at(-1) ?? root] }, state));
      return events.slice(-1);
    };
    for (let index = 0; index < eventsPerBranch; index += 1)
      add(branchEvent(kind, number, index, room.creator));
    return { state, events, add };
  };
  const [first, second] = [branch(0), branch(1)];
  const take = async (method: string, events: readonly RemoteEvent[], more: object = {}) => {
    const pdus = events.map(({ pdu }) => pdu);
    const parameters = method === 'receive' ? { pdus, ...more } : pdus;
    const { result, ms, cpuMs } = await runtime.call<ReceivedEvent[]>(room.roomId, method, [parameters]);
    const refused = result.find((received) => received.kind !== 'accepted');
    if (refused) throw new Error(`not taken in: ${JSON.stringify(refused)}`);
    return atMost(ms, cpuMs);
  };
  const takeAll = async (method: string, events: readonly RemoteEvent[]) => {
    let ms = 0;
    for (let start = 0; start < events.length; start += transaction) {
      ms += await take(method, events.slice(start, start + transaction));
    }
    return ms;
  };
  const receiveMs = await takeAll('receive', first.events);
  const before = new Map(second.state);
  const outliersMs = await takeAll('receiveOutliers', second.events);
  const text = {
    type: 'm.room.message',
    sender: room.creator,
    content: { body: 'Hello', msgtype: 'm.text' },
  };
  const [end] = second.add(text);
  if (!end) throw new Error('no end');
  const stateIds = [...before.values()].map(({ eventId }) => eventId);
  const resolveMs = await take('receive', [end], { statesBefore: { [end.eventId]: stateIds } });
  const messageMs = await take('receive', second.add(text));
  const topic = { type: 'm.room.topic', sender: room.creator, stateKey: '', content: { topic: 'Forks' } };
  const stateMs = await take('receive', second.add(topic));
  const ends = [first, second].flatMap(({ events }) => events.slice(-1));
  const mergeMs = await take('receive', [room.add({ ...text, after: ends })]);
  return { receiveMs, outliersMs, resolveMs, messageMs, stateMs, mergeMs };
}

function branchEvent(kind: ForkKind, branch: 0 | 1, index: number, creator: UserId): EventFields {
  if (kind !== 'members') {
    const stateKey = kind === 'same' ? `key${index}` : `key${branch}-${index}`;
    return { type: 'com.example.bench', sender: creator, stateKey, content: { branch, index } };
  }
  // One branch bans whom the other sees joining.
  const guest = user(`guest${index}`);
  return branch === 0
    ? { type: 'm.room.member', sender: guest, stateKey: guest, content: { membership: 'join' } }
    : { type: 'm.room.member', sender: user('admin'), stateKey: guest, content: { membership: 'ban' } };
}
