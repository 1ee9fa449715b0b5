import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

async function members(asker: User, roomId: string, query: Record<string, string> = {}) {
  const { chunk } = await asker.ok<{ chunk: ClientEvent[] }>(
    'GET',
    p`/v3/rooms/${roomId}/members`,
    undefined,
    query,
  );
  return Object.fromEntries(chunk.map((event) => [event.state_key, event.content.membership]));
}

test('TestGetRoomMembers', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId);
  expect(await members(alice, roomId)).toEqual({ [alice.userId]: 'join', [bob.userId]: 'join' });
});

test('TestGetRoomMembersAtPoint', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await alice.message(roomId, 'before bob');
  const { rooms } = await alice.sync();
  const at = rooms?.join?.[roomId]?.timeline?.prev_batch;
  const position = await alice.now();
  await bob.join(roomId);
  await bob.message(roomId, 'here I am');
  await bob.leave(roomId);
  expect(at).toBeDefined();
  expect(await members(alice, roomId, { at: position })).toEqual({ [alice.userId]: 'join' });
});

describe('TestGetFilteredRoomMembers', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await bob.leave(roomId);
    return { alice, bob, roomId };
  });

  test('not_membership', async () => {
    const { alice, roomId } = await setting();
    expect(await members(alice, roomId, { not_membership: 'leave' })).toEqual({ [alice.userId]: 'join' });
  });

  test('membership/leave', async () => {
    const { alice, bob, roomId } = await setting();
    expect(await members(alice, roomId, { membership: 'leave' })).toEqual({ [bob.userId]: 'leave' });
  });

  test('membership/join', async () => {
    const { alice, roomId } = await setting();
    expect(await members(alice, roomId, { membership: 'join' })).toEqual({ [alice.userId]: 'join' });
  });
});

testAnswersOf('room_members');
