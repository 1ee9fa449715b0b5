import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { eventIdOf } from '../../protocol/event-hash.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import type { DestinationRpc } from '../destination-rpc.ts';
import { Deliveries } from '../room/delivery/deliveries.ts';
import {
  creator,
  guest,
  message,
  moderator,
  type StartedRoom,
  startRoom,
} from '../room/testing/started-room.ts';
import { alice, bob, roomStub } from '../room/testing/test-room.ts';
import { DestinationObject } from './destination-object.ts';
import type { SendProblem } from './transaction-queue.ts';

const namespace = (env as unknown as { DESTINATIONS: DurableObjectNamespace<DestinationObject> })
  .DESTINATIONS;
const stub = (server: string) => namespace.getByName(server);
const rpc = (server: string) => stub(server) as unknown as DestinationRpc;
const hourMs = 60 * 60_000;

interface Transaction {
  server: string;
  txnId: string;
  pdus: Pdu[];
  edus: { edu_type: string; content: JsonObject }[];
}

let attempts: Transaction[] = [];
let received: Transaction[] = [];
let problems = new Map<string, SendProblem>();
/** Servers that never answer. */
const hanging = new Set<string>();
let nowMs = Date.now();
let rooms = 0;

beforeEach(() => {
  attempts = [];
  received = [];
  problems = new Map();
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  Object.defineProperty(DestinationObject.prototype, 'transmit', {
    configurable: true,
    async value(this: { ctx: DurableObjectState }, txnId: string, content: JsonObject) {
      const server = this.ctx.id.name ?? '';
      const transaction = { server, txnId, ...content } as unknown as Transaction;
      attempts.push(transaction);
      if (hanging.has(server)) return new Promise(() => {});
      const problem = problems.get(server);
      if (!problem) received.push(transaction);
      return problem;
    },
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const unreachable = { text: 'unreachable', isRefused: false };

/** Moves the clock, and lets the object's alarm ring. */
async function later(ms: number, server: string): Promise<void> {
  nowMs = Date.now() + ms;
  vi.setSystemTime(nowMs);
  await runDurableObjectAlarm(stub(server));
}

const started = () => startRoom('12', `destinations${++rooms}`);

async function say(room: StartedRoom, body: string, sender: UserId = alice): Promise<EventId> {
  const content = { msgtype: 'm.text', body };
  const result = await room.rpc.append({ sender, type: 'm.room.message', content });
  if (result.kind !== 'accepted') throw new Error(result.error);
  return result.eventId;
}

async function member(room: StartedRoom, sender: UserId, target: UserId, membership: string): Promise<void> {
  const result = await room.rpc.append({
    sender,
    type: 'm.room.member',
    stateKey: target,
    content: { membership },
  });
  if (result.kind !== 'accepted') throw new Error(result.error);
}

const bodies = (server: string, room: StartedRoom) =>
  received
    .filter((transaction) => transaction.server === server)
    .flatMap(({ pdus }) => pdus)
    .filter(({ room_id, type }) => room_id === room.roomId && type === 'm.room.message')
    .map(({ content }) => content.body);

const edus = (server: string, type: string) =>
  received
    .filter((transaction) => transaction.server === server)
    .flatMap((transaction) => transaction.edus)
    .filter(({ edu_type }) => edu_type === type)
    .map(({ content }) => content);

const joining = (userId: string) => ({
  type: 'm.room.member',
  sender: userId,
  stateKey: userId,
  content: { membership: 'join' },
});

const until = (isSo: () => void | Promise<void>) => vi.waitFor(isSo, { interval: 5, timeout: 5_000 });

test('what users of this server send goes to each server in the room once, in order, signed as it is stored', async () => {
  const room = await started();
  const first = await say(room, 'one');
  await say(room, 'two', bob);
  await room.receive(message(guest, 'from elsewhere'), [room.start]);
  await say(room, 'three');
  for (const server of ['one', 'two', 'three']) {
    await until(() => expect(bodies(server, room)).toEqual(['one', 'two', 'three']));
  }
  const [pdu] = received.flatMap(({ pdus }) => pdus);
  expect(pdu && eventIdOf(pdu, room.remote.version)).toBe(first);
  expect(Object.keys(pdu?.signatures ?? {})).toEqual(['roost.test']);
  expect(pdu).not.toHaveProperty('unsigned');
  expect(attempts).toEqual(received);
});

test('a server that is away holds up no other, and gets all when it is back, the first as it was', async () => {
  const room = await started();
  problems.set('one', unreachable);
  await say(room, 'a');
  await until(async () => expect((await rpc('one').health()).failures).toBe(1));
  await say(room, 'b');
  await say(room, 'c');
  await until(() => expect(bodies('two', room)).toEqual(['a', 'b', 'c']));
  expect(bodies('one', room)).toEqual([]);
  expect(attempts.filter(({ server }) => server === 'one')).toHaveLength(1);
  await evictDurableObject(stub('one'));
  problems.clear();
  await later(10_000, 'one');
  await until(() => expect(bodies('one', room)).toEqual(['a', 'b', 'c']));
  const [failed, repeated] = attempts.filter(({ server }) => server === 'one');
  expect(repeated?.txnId).toBe(failed?.txnId);
  expect(repeated?.pdus).toEqual(failed?.pdus);
  expect(await rpc('one').health()).toEqual({ queued: 0, roomsBehind: 0, failures: 0 });
});

test('a sign of life ends the pause', async () => {
  const room = await started();
  problems.set('two', unreachable);
  await say(room, 'x');
  await until(async () => expect((await rpc('two').health()).failures).toBe(1));
  problems.clear();
  await rpc('two').retryNow();
  await until(() => expect(bodies('two', room)).toEqual(['x']));
});

test('after an outage of a day a server gets what it had been sent, and of what came later the last', async () => {
  const room = await started();
  const other = await started();
  problems.set('one', unreachable);
  await say(room, 'first');
  await until(async () => expect((await rpc('one').health()).failures).toBe(1));
  await later(2 * hourMs, 'one');
  await until(async () => expect((await rpc('one').health()).failures).toBe(2));
  for (let index = 0; index < 60; index++) await say(room, `missed ${index}`);
  await say(other, 'also missed');
  await until(async () => expect((await rpc('one').health()).roomsBehind).toBe(2));
  expect(await rpc('one').health()).toMatchObject({ queued: 1 });
  problems.clear();
  await later(24 * hourMs, 'one');
  await until(() => expect(bodies('one', room)).toEqual(['first', 'missed 59']));
  await until(() => expect(bodies('one', other)).toEqual(['also missed']));
  await say(room, 'after');
  await until(() => expect(bodies('one', room)).toEqual(['first', 'missed 59', 'after']));
  expect(await rpc('one').health()).toEqual({ queued: 0, roomsBehind: 0, failures: 0 });
});

test('a server is told that its last user was removed, and nothing that comes later, until it is back', async () => {
  const room = await started();
  await say(room, 'before');
  await member(room, alice, guest, 'leave');
  await say(room, 'without three');
  await until(() => expect(bodies('one', room)).toEqual(['before', 'without three']));
  await until(() =>
    expect(
      received
        .filter(({ server }) => server === 'three')
        .flatMap(({ pdus }) => pdus)
        .filter(({ room_id }) => room_id === room.roomId)
        .map(({ type }) => type),
    ).toEqual(['m.room.message', 'm.room.member']),
  );
  await say(room, 'still without three');
  await until(() => expect(bodies('two', room)).toHaveLength(3));
  await room.receive(joining('@other:three'), [room.start]);
  await say(room, 'welcome back');
  await until(() => expect(bodies('three', room)).toEqual(['before', 'welcome back']));
});

test('EDUs: devices of who joins, and not of who changes their name', async () => {
  const room = await started();
  await member(room, alice, alice, 'leave');
  await member(room, alice, alice, 'join');
  const content = { membership: 'join', displayname: 'Bobby' };
  await room.rpc.append({ sender: bob, type: 'm.room.member', stateKey: bob, content });
  const eventId = await say(room, 'after that');
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId });
  await until(() => expect(edus('one', 'm.receipt')).toHaveLength(1));
  expect(edus('one', 'm.device_list_update')).toEqual([
    { user_id: alice, device_id: '', stream_id: expect.any(Number), prev_id: [] },
  ]);
});

test('EDUs: typing and public receipts of users of this server, and of no other', async () => {
  const room = await started();
  const eventId = await say(room, 'read me');
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId, threadId: 'main' });
  await room.rpc.setReceipt({ userId: alice, type: 'm.read.private', eventId });
  await room.rpc.setTyping(bob, 30_000);
  await until(() =>
    expect(edus('one', 'm.typing')).toEqual([{ room_id: room.roomId, user_id: bob, typing: true }]),
  );
  await room.rpc.setTyping(bob, false);
  await until(() => expect(edus('one', 'm.typing')).toHaveLength(2));
  expect(edus('one', 'm.typing')[1]).toEqual({ room_id: room.roomId, user_id: bob, typing: false });
  expect(edus('one', 'm.receipt')).toEqual([
    {
      [room.roomId]: {
        'm.read': { [bob]: { event_ids: [eventId], data: { ts: expect.any(Number), thread_id: 'main' } } },
      },
    },
  ]);
});

test('EDUs for a server that is away: the newest of a kind is kept, who types is not', async () => {
  const room = await started();
  problems.set('three', unreachable);
  const first = await say(room, '1');
  await until(async () => expect((await rpc('three').health()).failures).toBe(1));
  const second = await say(room, '2');
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId: first });
  await room.rpc.setTyping(bob, 30_000);
  await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId: second });
  await until(() => expect(edus('one', 'm.receipt')).toHaveLength(2));
  problems.clear();
  await later(10_000, 'three');
  await until(() => expect(bodies('three', room)).toEqual(['1', '2']));
  await until(() => expect(edus('three', 'm.receipt')).toHaveLength(1));
  expect(JSON.stringify(edus('three', 'm.receipt'))).toContain(second);
  expect(edus('three', 'm.typing')).toEqual([]);
});

test('a crash of the room between storing and telling is made up for', async () => {
  const room = await started();
  await say(room, 'told');
  for (const server of ['one', 'two', 'three']) {
    await until(() => expect(bodies(server, room)).toEqual(['told']));
  }
  const silent = vi.spyOn(Deliveries.prototype, 'announceEvents').mockImplementation(() => {});
  await say(room, 'lost');
  silent.mockRestore();
  await evictDurableObject(roomStub(room.roomId) as never);
  nowMs = Date.now() + 60_000;
  vi.setSystemTime(nowMs);
  await runDurableObjectAlarm(roomStub(room.roomId) as never);
  for (const server of ['one', 'two', 'three']) {
    await until(() => expect(bodies(server, room)).toEqual(['told', 'lost']));
  }
});

test('a crash in the middle of a transaction repeats it as it was', async () => {
  const room = await started();
  hanging.add('two');
  await say(room, 'twice');
  await until(() => expect(attempts.filter(({ server }) => server === 'two')).toHaveLength(1));
  await say(room, 'next');
  const crash = runInDurableObject(stub('two'), (_, state) => state.abort('crash'));
  await expect(crash).rejects.toThrow('crash');
  hanging.clear();
  await later(10 * 60_000, 'two');
  await until(() => expect(bodies('two', room)).toEqual(['twice', 'next']));
  const [first, again] = attempts.filter(({ server }) => server === 'two');
  expect(again?.txnId).toBe(first?.txnId);
});

test('F7: a transaction that the other server refuses for good is given up, and the rest goes on', async () => {
  const room = await started();
  problems.set('two', { text: 'status 400', isRefused: true });
  await say(room, 'bad');
  await until(async () => expect((await rpc('two').health()).failures).toBe(1));
  await say(room, 'good');
  for (let failures = 2; failures <= 5; failures++) await later(6 * hourMs, 'two');
  problems.clear();
  await later(6 * hourMs, 'two');
  await until(async () => expect(await rpc('two').health()).toMatchObject({ queued: 0, failures: 0 }));
  expect(attempts.filter(({ server }) => server === 'two')).toHaveLength(7);
  expect(bodies('two', room)).toEqual(['good']);
});

test('a room of this server alone costs no row more; otherwise a message costs one request per server', async () => {
  const room = await started();
  const calls = vi.spyOn(DestinationObject.prototype, 'applyRoomDelta');
  await say(room, 'a');
  await until(() => expect(received).toHaveLength(3));
  expect(calls).toHaveBeenCalledTimes(3);
  await room.receive(message(moderator, 'b'), [room.start]);
  await room.receive(message(creator, 'c'), [room.start]);
  await until(() => expect(received).toHaveLength(3));
  expect(calls).toHaveBeenCalledTimes(3);
});
