import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasLeft, isInvited } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

/** A room to which one must be invited. */
async function privateRoom(extra: Record<string, unknown> = {}) {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createRoom({ preset: 'private_chat', name: 'Invites room', ...extra });
  return { alice, bob, roomId };
}

describe('TestRoomsInvite', () => {
  test('Can invite users to invite-only rooms', async () => {
    const { alice, bob, roomId } = await privateRoom();
    await alice.invite(roomId, bob);
    await bob.syncUntil('the invitation', isInvited(roomId));
    await bob.join(roomId);
    expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({ membership: 'join' });
  });

  test('Uninvited users cannot join the room', async () => {
    const { bob, roomId } = await privateRoom();
    expect(await bob.refusal('POST', p`/v3/rooms/${roomId}/join`, {})).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Invited user can reject invite', async () => {
    const { alice, bob, roomId } = await privateRoom();
    await alice.invite(roomId, bob);
    const { next_batch: since } = await bob.syncUntil('the invitation', isInvited(roomId));
    await bob.leave(roomId);
    await bob.syncUntil('the rejection', hasLeft(roomId), { since });
    expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({ membership: 'leave' });
  });

  test('Invited user can reject invite for empty room', async () => {
    const { alice, bob, roomId } = await privateRoom();
    await alice.invite(roomId, bob);
    const { next_batch: since } = await bob.syncUntil('the invitation', isInvited(roomId));
    await alice.leave(roomId);
    await bob.leave(roomId);
    await bob.syncUntil('the rejection', hasLeft(roomId), { since });
  });

  test('Invited user can see room metadata', async () => {
    const { alice, bob, roomId } = await privateRoom();
    await alice.invite(roomId, bob);
    const sync = await bob.syncUntil('the invitation', isInvited(roomId));
    const events = sync.rooms?.invite?.[roomId]?.invite_state.events ?? [];
    const contentOf = (type: string, stateKey = '') =>
      events.find((event) => event.type === type && event.state_key === stateKey)?.content;
    expect(contentOf('m.room.join_rules')).toMatchObject({ join_rule: 'invite' });
    expect(contentOf('m.room.name')).toEqual({ name: 'Invites room' });
    expect(contentOf('m.room.member', bob.userId)).toMatchObject({ membership: 'invite' });
    expect(contentOf('m.room.create')).toBeDefined();
  });

  test('Users cannot invite themselves to a room', async () => {
    const { alice, roomId } = await privateRoom();
    const path = p`/v3/rooms/${roomId}/invite`;
    expect((await alice.refusal('POST', path, { user_id: alice.userId }))[0]).toBe(403);
  });

  test('Users cannot invite a user that is already in the room', async () => {
    const { alice, bob, roomId } = await privateRoom();
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    const path = p`/v3/rooms/${roomId}/invite`;
    expect((await alice.refusal('POST', path, { user_id: bob.userId }))[0]).toBe(403);
  });

  test('Test that we can be reinvited to a room we created', async () => {
    const { alice, bob, roomId } = await privateRoom({ room_version: '11' });
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    await alice.setPowerLevels(roomId, (levels) => {
      levels.users[bob.userId] = 100;
    });
    await alice.leave(roomId);
    const { next_batch: since } = await alice.sync();
    await bob.invite(roomId, alice);
    await alice.syncUntil('the invitation', isInvited(roomId), { since });
    await alice.join(roomId);
  });
});

testAnswersOf('rooms_invite');
