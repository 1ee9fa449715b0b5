import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, hasLeft, isInvited, memberEventOf, type SyncAnswer, timelineOf } from './lib/events.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import type { User } from './lib/user.ts';

/** With the rooms that were left. */
const withLeft = JSON.stringify({ room: { include_leave: true } });

function seesMember(roomId: string, userId: string, membership: string): (sync: SyncAnswer) => boolean {
  return (sync) => {
    const { timeline, state } = sync.rooms?.join?.[roomId] ?? {};
    const events = [...(state?.events ?? []), ...(timeline?.events ?? [])];
    return memberEventOf(events, userId, membership) !== undefined;
  };
}

const setting = shared(async () => {
  const [hs1, hs2] = [await homeserver('hs1'), await homeserver('hs2')];
  const [alice, alice2] = [await hs1.newUser('alice'), await hs1.newUser('alice-two')];
  return { hs1, hs2, alice, alice2, bob: await hs2.newUser('bob'), bob2: await hs2.newUser('bob-two') };
});

/** Invites, and waits until it has come. */
async function inviteAndSee(inviter: User, roomId: string, invited: User): Promise<void> {
  const since = await invited.now();
  await inviter.invite(roomId, invited);
  await invited.syncUntil('the invitation', isInvited(roomId), { since });
}

async function invitedRoom(
  inviter: User,
  invited: User,
  body: Record<string, unknown> = {},
): Promise<string> {
  const roomId = await inviter.createRoom({ preset: 'private_chat', invite: [invited.userId], ...body });
  await invited.syncUntil('the invitation', isInvited(roomId));
  return roomId;
}

test('TestIsDirectFlagFederation', async () => {
  const hs1 = await homeserver('hs1');
  const alice = await hs1.newUser('alice');
  const server = await TestServer.start();
  const bob = server.user('bob');
  const room = server.createRoom('10', bob);
  await server.invite(hs1, room, bob, alice.userId, { is_direct: true });
  const sync = await alice.syncUntil('the invitation', isInvited(room.roomId));
  const told = sync.rooms?.invite?.[room.roomId]?.invite_state.events ?? [];
  expect(memberEventOf(told, alice.userId, 'invite')?.content.is_direct).toBe(true);
  await server.stop();
});

test('TestUnbanViaInvite', async () => {
  const { hs2, alice, bob } = await setting();
  const roomId = await bob.createPublicRoom();
  await alice.join(roomId, {}, [hs2.serverName]);
  const since = await alice.now();
  await bob.ban(roomId, alice);
  const { next_batch } = await alice.syncUntil('the ban', hasLeft(roomId), { since });
  await bob.unban(roomId, alice);
  await bob.invite(roomId, alice);
  await alice.syncUntil('the invitation', isInvited(roomId), { since: next_batch });
  await alice.join(roomId, {}, [hs2.serverName]);
  expect(await bob.state(roomId, 'm.room.member', alice.userId)).toMatchObject({ membership: 'join' });
});

test('TestFederationRejectInvite', async () => {
  const { hs1, alice, bob } = await setting();
  const server = await TestServer.start();
  const roomId = await alice.createPublicRoom();
  await server.join(hs1, roomId, server.user('delia'));
  const isBobs = (membership: string) => (pdu: { state_key?: string; content: Record<string, unknown> }) =>
    pdu.state_key === bob.userId && pdu.content.membership === membership;
  await inviteAndSee(alice, roomId, bob);
  await server.pdu('the invitation', isBobs('invite'));
  await bob.leave(roomId);
  await server.pdu('that it is declined', isBobs('leave'));
  await server.stop();
});

describe('TestFederationRoomsInvite', () => {
  test('Invited user can reject invite over federation', async () => {
    const { alice, bob } = await setting();
    const roomId = await invitedRoom(alice, bob);
    await bob.leave(roomId);
    await alice.syncUntil('that it is declined', seesMember(roomId, bob.userId, 'leave'));
  });

  test('Invited user can reject invite over federation several times', async () => {
    const { alice, bob } = await setting();
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    for (let times = 0; times < 3; times++) {
      await inviteAndSee(alice, roomId, bob);
      const since = await alice.now();
      await bob.leave(roomId);
      await alice.syncUntil('that it is declined', seesMember(roomId, bob.userId, 'leave'), { since });
    }
  });

  test('Invited user can reject invite over federation for empty room', async () => {
    const { alice, bob } = await setting();
    const roomId = await invitedRoom(alice, bob);
    await alice.leave(roomId);
    const since = await bob.now();
    await bob.leave(roomId);
    await bob.syncUntil('the room as left', hasLeft(roomId), { since, filter: withLeft });
  });

  test('Remote invited user can see room metadata', async () => {
    const { alice, bob } = await setting();
    const roomId = await invitedRoom(alice, bob, { name: 'Invites room' });
    const told = (await bob.sync()).rooms?.invite?.[roomId]?.invite_state.events ?? [];
    const contents = told.map(({ type, content }) => [type, content]);
    expect(contents).toContainEqual(['m.room.join_rules', { join_rule: 'invite' }]);
    expect(contents).toContainEqual(['m.room.name', { name: 'Invites room' }]);
  });

  test('Remote invited user can join the room when homeserver is already participating in the room', async () => {
    const { hs1, alice, bob, bob2 } = await setting();
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    for (const guest of [bob, bob2]) {
      await inviteAndSee(alice, roomId, guest);
      await guest.join(roomId, {}, [hs1.serverName]);
      await alice.syncUntil('that they join', seesMember(roomId, guest.userId, 'join'));
    }
  });

  test('Remote invited user can reject invite when homeserver is already participating in the room', async () => {
    const { hs1, alice, bob, bob2 } = await setting();
    const roomId = await invitedRoom(alice, bob);
    await bob.join(roomId, {}, [hs1.serverName]);
    await inviteAndSee(alice, roomId, bob2);
    await bob2.leave(roomId);
    await alice.syncUntil('that it is declined', seesMember(roomId, bob2.userId, 'leave'));
  });

  test('Inviter user can rescind invite over federation', async () => {
    const { alice, bob } = await setting();
    const roomId = await invitedRoom(alice, bob);
    const since = await bob.now();
    await alice.kick(roomId, bob);
    await bob.syncUntil('that it is taken back', hasLeft(roomId), { since, filter: withLeft });
  });

  test('Non-invitee user cannot rescind invite over federation', async () => {
    const { hs1, alice, alice2, bob } = await setting();
    // What is said there later tells that all before it has come.
    const sentinel = await invitedRoom(alice, bob);
    await bob.join(sentinel, {}, [hs1.serverName]);
    const roomId = await alice.createRoom({ preset: 'private_chat', invite: [alice2.userId] });
    await alice2.join(roomId);
    await inviteAndSee(alice2, roomId, bob);
    const since = await bob.now();
    await alice.kick(roomId, bob);
    const last = await alice.message(sentinel, 'after it');
    await bob.syncUntil('the message', hasEvent(sentinel, last), { since });
    // Only a server that is in the room can tell whether somebody else may take it back.
    await bob.syncUntil('the invitation still', isInvited(roomId));
  });

  test("Invited user has 'is_direct' flag in prev_content after joining", async () => {
    const { hs1, alice, bob } = await setting();
    const roomId = await invitedRoom(alice, bob, { is_direct: true });
    await bob.join(roomId, {}, [hs1.serverName]);
    const sync = await bob.syncUntil('the room', (answer) => timelineOf(answer, roomId).length > 0);
    const join = memberEventOf(timelineOf(sync, roomId), bob.userId, 'join');
    expect(join?.unsigned).toMatchObject({
      prev_content: { membership: 'invite', is_direct: true },
      prev_sender: alice.userId,
    });
  });
});

test('TestRemoteAliasRequestsUnderstandUnicode', async () => {
  const [alice, bob] = await usersOnServers('alice', 'bob');
  const alias = `#老虎£я🤨👉ඞ-${alice.localpart}:${alice.serverName}`;
  const roomId = await alice.createRoom();
  await alice.ok('PUT', p`/v3/directory/room/${alias}`, { room_id: roomId });
  const found = await bob.ok<{ room_id: string }>('GET', p`/v3/directory/room/${alias}`);
  expect(found.room_id).toBe(roomId);
});

testAnswersOf('federation_invite');
