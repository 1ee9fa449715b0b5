import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasLeft, isInvited, isJoined, type SyncAnswer } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

/** Asks for left rooms. @param limit makes a request that no cache has an answer to */
function withLeave(limit: number): string {
  return JSON.stringify({ room: { include_leave: true, timeline: { limit } } });
}

function forget(user: User, roomId: string): Promise<[number, unknown]> {
  return user.refusal('POST', p`/v3/rooms/${roomId}/forget`, {});
}

/** A room in which bob has been. */
async function roomOfTwo() {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  return { alice, bob, roomId };
}

describe('TestRoomForget', () => {
  test("Can't forget room you're still in", async () => {
    const { bob, roomId } = await roomOfTwo();
    expect(await forget(bob, roomId)).toEqual([400, 'M_UNKNOWN']);
  });

  test('Forgotten room messages cannot be paginated', async () => {
    const { alice, bob, roomId } = await roomOfTwo();
    await alice.message(roomId, 'before bob leaves');
    await bob.leave(roomId);
    expect((await bob.pageOf(roomId, { dir: 'b' })).chunk.length).toBeGreaterThan(0);
    expect((await forget(bob, roomId))[0]).toBe(200);
    const [status] = await bob.refusal('GET', p`/v3/rooms/${roomId}/messages`, undefined, { dir: 'b' });
    expect(status).toBe(403);
  });

  test('Forgetting room does not show up in v2 initial /sync', async () => {
    const { bob, roomId } = await roomOfTwo();
    await bob.leave(roomId);
    expect(hasLeft(roomId)(await bob.sync({ filter: withLeave(5) }))).toBe(true);
    expect((await forget(bob, roomId))[0]).toBe(200);
    expect(hasLeft(roomId)(await bob.sync({ filter: withLeave(6) }))).toBe(false);
  });

  test('Leave for forgotten room shows up in v2 incremental /sync', async () => {
    const { bob, roomId } = await roomOfTwo();
    const since = await bob.now();
    await bob.leave(roomId);
    expect((await forget(bob, roomId))[0]).toBe(200);
    await bob.syncUntil('the own leave', hasLeft(roomId), { since });
  });

  test("Can forget room you've been kicked from", async () => {
    const { alice, bob, roomId } = await roomOfTwo();
    await alice.message(roomId, 'before the kick');
    await alice.kick(roomId, bob);
    expect((await forget(bob, roomId))[0]).toBe(200);
    const [status] = await bob.refusal('GET', p`/v3/rooms/${roomId}/messages`, undefined, { dir: 'b' });
    expect(status).toBe(403);
  });

  test("Can forget room we weren't an actual member", async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createRoom();
    await alice.invite(roomId, bob);
    await bob.leave(roomId);
    expect((await forget(bob, roomId))[0]).toBe(200);
  });

  test('Can re-join room if re-invited', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createRoom();
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    const first = await alice.message(roomId, 'before bob leaves');
    await bob.leave(roomId);
    expect((await forget(bob, roomId))[0]).toBe(200);
    const since = await bob.now();
    await alice.invite(roomId, bob);
    await bob.syncUntil('the invitation', isInvited(roomId), { since });
    await bob.join(roomId);
    const last = await alice.message(roomId, 'after the return');
    const hasLast = (sync: SyncAnswer) =>
      isJoined(roomId)(sync) &&
      !!sync.rooms?.join?.[roomId]?.timeline?.events.some((event) => event.event_id === last);
    await bob.syncUntil('the room', hasLast, { since });
    const { chunk } = await bob.pageOf(roomId, { dir: 'b', limit: 100 });
    expect(chunk.map((event) => event.event_id)).toEqual(expect.arrayContaining([first, last]));
  });
});

testAnswersOf('apidoc_room_forget');
