import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import type { AppendResult } from '../../room-rpc.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, bob, eventIdOf, makeRoom, roomStub } from '../testing/test-room.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Rows that the room writes, alarms included; the followers are no objects here. */
function countRows(): () => number {
  const run = vi.spyOn(Sqlite.prototype, 'run');
  const setAlarm = vi.spyOn(Sqlite.prototype, 'setAlarm');
  return () =>
    run.mock.results.reduce((sum, result) => sum + Number(result.value), 0) + setAlarm.mock.calls.length;
}

test('a message writes at most six rows, and four while the alarm is set', async () => {
  const followers = new TestFollowers();
  followers.install();
  const room = await makeRoom();
  eventIdOf(await room.member(bob, 'join'));
  const settled = async (position: number) => {
    await followers.reached(alice, room.roomId, position);
    await followers.reached(bob, room.roomId, position);
  };
  await settled(7);
  const startMs = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(startMs + 60_000);
  await runDurableObjectAlarm(roomStub(room.roomId));

  const send = (txnId: string) => room.send(alice, 'hello', { transaction: { deviceId: 'PHONE', txnId } });
  const rows = countRows();
  const calls = followers.calls.length;
  eventIdOf(await send('1'));
  // Event, its id, its transaction, its words; due work and alarm.
  expect(rows()).toBe(6);
  for (const txnId of ['2', '3', '4', '5']) eventIdOf(await send(txnId));
  expect(rows()).toBe(6 + 4 * 4);
  await settled(12);
  clock.mockReturnValue(startMs + 120_000);
  await runDurableObjectAlarm(roomStub(room.roomId));
  expect(rows() / 5).toBeLessThanOrEqual(6);
  // One call per follower and message at most; the alarm asked nobody anything.
  expect(followers.calls.length - calls).toBeLessThanOrEqual(10);
  const after = rows();
  await room.rpc.readMessages({ userId: bob, dir: 'b', limit: 50 });
  await room.rpc.readState(bob);
  await room.rpc.snapshotFor(bob);
  expect(rows()).toBe(after);
});

/** No alarm comes between, however long the test takes: they are all set for an hour from now. */
function holdAlarms(): void {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
}

/** Rows that are read, as production bills them; the followers are no objects here. */
async function countReads(roomId: string): Promise<() => number> {
  const exec = await runInDurableObject(roomStub(roomId), (_instance, state) =>
    vi.spyOn(Object.getPrototypeOf(state.storage.sql) as SqlStorage, 'exec'),
  );
  return () =>
    exec.mock.results.reduce((sum, { value }) => sum + (value as { rowsRead: number }).rowsRead, 0);
}

test('a reply in a thread of 500 costs what one in a thread of 5 costs', async () => {
  holdAlarms();
  const followers = new TestFollowers();
  followers.install();
  const room = await makeRoom();
  const reads = await countReads(room.roomId);
  let newest = 0;
  const position = (result: AppendResult) => {
    newest = Math.max(newest, result.kind === 'accepted' ? result.position : 0);
    return eventIdOf(result) as EventId;
  };
  const root = position(await room.send(alice, 'root'));
  const relatesTo = { rel_type: 'm.thread', event_id: root };
  const content = { msgtype: 'm.text', body: 'reply', 'm.relates_to': relatesTo };
  const costOf = async (work: () => Promise<unknown>) => {
    await followers.reached(alice, room.roomId, newest);
    const before = reads();
    await work();
    await followers.reached(alice, room.roomId, newest);
    return reads() - before;
  };
  const reply = async () => position(await room.send(alice, '', { content }));
  const page = (more: object) =>
    room.rpc.readRelations({ userId: alice, eventId: root, dir: 'b', limit: 3, recurse: false, ...more });
  const measure = async () => ({
    reply: await costOf(reply),
    page: await costOf(() => page({ relType: 'm.thread' })),
    tree: await costOf(() => page({ recurse: true })),
  });
  await Promise.all(Array.from({ length: 4 }, reply));
  const small = await measure();
  await Promise.all(Array.from({ length: 495 }, reply));
  const large = await measure();
  expect(small.reply).toBeGreaterThan(0);
  for (const kind of ['reply', 'page', 'tree'] as const) {
    expect(large[kind] - small[kind], kind).toBeLessThanOrEqual(3);
  }
}, 60_000);

test('of 300 ghosts that join, the last costs what the tenth cost', async () => {
  holdAlarms();
  const followers = new TestFollowers();
  followers.install();
  const room = await makeRoom();
  const reads = await countReads(room.roomId);
  const join = async (name: string) => {
    const before = reads();
    const ghost = `@_test_${name}:roost.test` as UserId;
    const result = await room.member(ghost, 'join');
    if (result.kind !== 'accepted') throw new Error(result.error);
    for (const follower of [alice, ghost, 'test']) {
      await followers.reached(follower, room.roomId, result.position);
    }
    return reads() - before;
  };
  const crowd = async (name: string, length: number) => {
    const ghosts = Array.from({ length }, (_, index) => `@_test_${name}${index}:roost.test` as UserId);
    for (const result of await Promise.all(ghosts.map((ghost) => room.member(ghost, 'join'))))
      eventIdOf(result);
    await followers.until(() => ghosts.every((ghost) => followers.position(ghost, room.roomId) > 0));
    await join(name);
  };
  await crowd('early', 8);
  const early = await join('tenth');
  await crowd('late', 288);
  const late = await join('last');
  expect(early).toBeGreaterThan(0);
  expect(late - early).toBeLessThanOrEqual(10);
}, 60_000);
