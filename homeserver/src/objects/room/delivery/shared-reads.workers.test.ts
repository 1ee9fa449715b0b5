import { afterEach, expect, test, vi } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, makeRoom, type TestRoom } from '../testing/test-room.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function position(result: Awaited<ReturnType<TestRoom['send']>>): number {
  if (result.kind !== 'accepted') throw new Error(result.error);
  return result.position;
}

test('one more follower costs a message two statements in the room, and no write', async () => {
  const followers = new TestFollowers();
  followers.install();
  const room = await makeRoom();
  const users = [alice];
  const settled = (newest: number) =>
    Promise.all(users.map((userId) => followers.reached(userId, room.roomId, newest)));
  const join = async (userId: UserId) => {
    users.push(userId);
    await settled(position(await room.member(userId, 'join')));
  };
  const costOf = async () => {
    // Who has just joined is cleared from the outbox with the first of the two.
    await settled(position(await room.send(alice, 'before')));
    const all = vi.spyOn(Sqlite.prototype, 'all');
    const run = vi.spyOn(Sqlite.prototype, 'run');
    await settled(position(await room.send(alice, 'counted')));
    const cost = { reads: all.mock.calls.length, writes: run.mock.calls.length };
    all.mockRestore();
    run.mockRestore();
    return cost;
  };
  // As many as are heroes, and one: further ones change nothing but the number of followers.
  for (let index = 0; index < 6; index++) await join(`@early${index}:roost.test` as UserId);
  const few = await costOf();
  for (let index = 0; index < 4; index++) await join(`@late${index}:roost.test` as UserId);
  const many = await costOf();
  expect(few.reads).toBeGreaterThan(0);
  expect(many.writes).toBe(few.writes);
  // Their membership, and its history.
  expect(many.reads - few.reads).toBe(4 * 2);
});
