import { runDurableObjectAlarm } from 'cloudflare:test';
import { afterEach, expect, test, vi } from 'vitest';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { TestFollowers } from './test-followers.ts';
import { alice, bob, eventIdOf, makeRoom, roomStub } from './test-room.ts';

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

test('a message writes at most six rows, and three while the alarm is set', async () => {
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
  // Event, its id, its transaction; due work and alarm.
  expect(rows()).toBe(5);
  for (const txnId of ['2', '3', '4', '5']) eventIdOf(await send(txnId));
  expect(rows()).toBe(5 + 4 * 3);
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
