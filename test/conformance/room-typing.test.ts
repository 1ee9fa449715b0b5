import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, type SyncAnswer } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function setTyping(user: User, roomId: string, typing: boolean): Promise<object> {
  const body = { typing, ...(typing && { timeout: 20_000 }) };
  return user.ok('PUT', p`/v3/rooms/${roomId}/typing/${user.userId}`, body);
}

function typingIn(sync: SyncAnswer, roomId: string) {
  return sync.rooms?.join?.[roomId]?.ephemeral?.events.find(({ type }) => type === 'm.typing');
}

function typists(userIds: string[], roomId: string): (sync: SyncAnswer) => boolean {
  return (sync) => {
    const event = typingIn(sync, roomId);
    return event !== undefined && JSON.stringify(event.content.user_ids) === JSON.stringify(userIds);
  };
}

describe('TestTyping', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const since = await bob.now();
    await setTyping(alice, roomId, true);
    const sync = await bob.syncUntil('the typing', typists([alice.userId], roomId), { since });
    return { alice, bob, roomId, sync };
  });

  test('Typing notification sent to local room members', async () => {
    const { alice, roomId, sync } = await setting();
    expect(typingIn(sync, roomId)?.content).toEqual({ user_ids: [alice.userId] });
  });

  test('Typing can be explicitly stopped', async () => {
    const { alice, bob, roomId, sync } = await setting();
    await setTyping(alice, roomId, false);
    await bob.syncUntil('the end of typing', typists([], roomId), { since: sync.next_batch });
  });

  test('Typing events DO NOT include a `room_id` field', async () => {
    const { roomId, sync } = await setting();
    expect(typingIn(sync, roomId)).not.toHaveProperty('room_id');
  });
});

test('TestLeakyTyping', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const withBob = await alice.createPublicRoom();
  const withCharlie = await alice.createPublicRoom();
  await bob.join(withBob);
  await charlie.join(withCharlie);
  const bobSince = await bob.now();
  const charlieSince = await charlie.now();
  await setTyping(alice, withBob, true);
  await bob.syncUntil('the typing', typists([alice.userId], withBob), { since: bobSince });
  const message = await alice.message(withCharlie, 'Hello');
  const syncs = await charlie.syncAllUntil('the message', hasEvent(withCharlie, message), {
    since: charlieSince,
  });
  for (const sync of syncs) expect(typingIn(sync, withCharlie)).toBeUndefined();
});

testAnswersOf('room_typing');
