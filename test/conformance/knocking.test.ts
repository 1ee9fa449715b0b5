import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, hasLeft, isInvited, memberEventOf, type SyncAnswer } from './lib/events.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import { listing } from './lib/public-rooms.ts';
import { newUser, newUsers } from './lib/register.ts';
import { type User, viaQuery } from './lib/user.ts';

interface Kind {
  joinRules: Record<string, unknown>;
  version: string;
}

const plain: Kind = { joinRules: { join_rule: 'knock' }, version: '7' };
const knockRestricted: Kind = {
  joinRules: {
    join_rule: 'knock_restricted',
    allow: [{ type: 'm.room_membership', room_id: '!nobody:example.org' }],
  },
  version: '10',
};

async function knockableRoom(user: User, { joinRules, version }: Kind): Promise<string> {
  return user.createRoom({
    preset: 'private_chat',
    room_version: version,
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: joinRules }],
  });
}

async function knock(user: User, roomId: string, reason?: string): Promise<void> {
  await user.ok('POST', p`/v3/knock/${roomId}`, reason === undefined ? {} : { reason });
}

function knockRefusal(user: User, roomId: string): Promise<[number, unknown]> {
  return user.refusal('POST', p`/v3/knock/${roomId}`, {});
}

function hasKnocked(roomId: string): (sync: SyncAnswer) => boolean {
  return (sync) => sync.rooms?.knock?.[roomId] !== undefined;
}

function knockTests(kind: Kind): void {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    return { alice, bob, roomId: await knockableRoom(alice, kind) };
  });

  /** A room that somebody has just knocked on. */
  async function knocked() {
    const { alice, roomId } = await setting();
    const user = await newUser('knocker');
    await knock(user, roomId);
    return { alice, user, roomId };
  }

  test("Knocking on a room with a join rule other than 'knock' should fail", async () => {
    const { alice, bob } = await setting();
    const roomId = await alice.createRoom({ preset: 'private_chat', room_version: kind.version });
    expect(await knockRefusal(bob, roomId)).toEqual([403, 'M_FORBIDDEN']);
  });

  test("Change the join rule of a room from 'invite' to 'knock'", async () => {
    const { alice, bob } = await setting();
    const roomId = await alice.createRoom({ preset: 'private_chat', room_version: kind.version });
    await alice.setState(roomId, 'm.room.join_rules', kind.joinRules);
    await knock(bob, roomId);
  });

  test("Attempting to join a room with join rule 'knock' without an invite should fail", async () => {
    const { bob, roomId } = await setting();
    expect(await bob.refusal('POST', p`/v3/join/${roomId}`, {})).toEqual([403, 'M_FORBIDDEN']);
  });

  test("Knocking on a room with join rule 'knock' should succeed", async () => {
    const { user, roomId } = await knocked();
    const sync = await user.syncUntil('the knock', hasKnocked(roomId));
    const events = sync.rooms?.knock?.[roomId]?.knock_state.events ?? [];
    expect(memberEventOf(events, user.userId, 'knock')).toBeDefined();
    expect(events.map((event) => event.type)).toContain('m.room.join_rules');
  });

  test('A user can knock on a room without a reason', async () => {
    const { alice, user, roomId } = await knocked();
    const content = await alice.state(roomId, 'm.room.member', user.userId);
    expect(content).toMatchObject({ membership: 'knock' });
    expect(content).not.toHaveProperty('reason');
  });

  test("Users in the room see a user's membership update when they knock", async () => {
    const { alice, roomId } = await setting();
    const user = await newUser('knocker');
    const since = await alice.now();
    await knock(user, roomId, 'let me in');
    const isSeen = (sync: SyncAnswer) =>
      memberEventOf(eventsOf(sync, roomId), user.userId, 'knock')?.content.reason === 'let me in';
    await alice.syncUntil('the knock', isSeen, { since });
  });

  test('A user that has already knocked is allowed to knock again on the same room', async () => {
    const { user, roomId } = await knocked();
    await knock(user, roomId, 'I am still out here');
  });

  test('A user that has knocked on a local room can rescind their knock and then knock again', async () => {
    const { alice, user, roomId } = await knocked();
    const { next_batch: since } = await user.syncUntil('the knock', hasKnocked(roomId));
    await user.leave(roomId);
    await user.syncUntil('the end of the knock', hasLeft(roomId), { since });
    expect(await alice.state(roomId, 'm.room.member', user.userId)).toMatchObject({ membership: 'leave' });
    await knock(user, roomId);
  });

  test('A user in the room can accept a knock', async () => {
    const { alice, user, roomId } = await knocked();
    const { next_batch: since } = await user.syncUntil('the knock', hasKnocked(roomId));
    await alice.invite(roomId, user, { reason: 'come in' });
    await user.syncUntil('the invitation', isInvited(roomId), { since });
    await user.join(roomId);
  });

  test('A user in the room can reject a knock', async () => {
    const { alice, user, roomId } = await knocked();
    const { next_batch: since } = await user.syncUntil('the knock', hasKnocked(roomId));
    await alice.ok('POST', p`/v3/rooms/${roomId}/kick`, { user_id: user.userId, reason: 'no' });
    await user.syncUntil('the rejection', hasLeft(roomId), { since });
  });

  test('A user cannot knock on a room they are already invited to', async () => {
    const { alice, roomId } = await setting();
    const user = await newUser('invited');
    await alice.invite(roomId, user);
    expect(await knockRefusal(user, roomId)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('A user cannot knock on a room they are already in', async () => {
    const { alice, roomId } = await setting();
    expect(await knockRefusal(alice, roomId)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('A user that is banned from a room cannot knock on it', async () => {
    const { alice, roomId } = await setting();
    const user = await newUser('banned');
    await alice.ban(roomId, user);
    expect((await knockRefusal(user, roomId))[0]).toBe(403);
  });
}

/**
 * The same, of a user of another server; what is specified for that alone. A third server is in the room, and sees the
 * knock too.
 */
function remoteKnockTests(kind: Kind): void {
  const setting = shared(async () => {
    const [alice, charlie] = await usersOnServers('alice', 'charlie');
    const hs1 = await homeserver('hs1');
    const server = await TestServer.start();
    const roomId = await alice.createRoom({ preset: 'private_chat', room_version: kind.version });
    const david = server.user('david');
    await alice.ok('POST', p`/v3/rooms/${roomId}/invite`, { user_id: david });
    await server.invitation(roomId);
    const room = await server.join(hs1, roomId, david);
    return { hs1, server, alice, charlie, room, roomId };
  });

  async function knockThere(reason?: string): Promise<void> {
    const { hs1, charlie, roomId } = await setting();
    const body = reason === undefined ? {} : { reason };
    await charlie.ok('POST', p`/v3/knock/${roomId}` + viaQuery([hs1.serverName]), body);
    await charlie.syncUntil('the knock', hasKnocked(roomId));
  }

  async function remoteRefusal(): Promise<[number, unknown]> {
    const { hs1, charlie, roomId } = await setting();
    return charlie.refusal('POST', p`/v3/knock/${roomId}` + viaQuery([hs1.serverName]), {});
  }

  test("Knocking on a room with a join rule other than 'knock' should fail", async () => {
    expect((await remoteRefusal())[0]).toBe(403);
  });

  test("Change the join rule of a room from 'invite' to 'knock'", async () => {
    const { alice, roomId } = await setting();
    // Nobody may come without an invitation, whatever else he is in.
    const { join_rule } = kind.joinRules;
    await alice.setState(roomId, 'm.room.join_rules', { join_rule });
  });

  test("Attempting to join a room with join rule 'knock' without an invite should fail", async () => {
    const { hs1, charlie, roomId } = await setting();
    const path = p`/v3/join/${roomId}` + viaQuery([hs1.serverName]);
    expect((await charlie.refusal('POST', path, {}))[0]).toBe(403);
  });

  test("Knocking on a room with join rule 'knock' should succeed", () => knockThere('let me in'));

  test("Users in the room see a user's membership update when they knock", async () => {
    const { server, alice, charlie, roomId } = await setting();
    const isTheirs = (membership: string) => (event: { state_key?: string; content: object }) =>
      event.state_key === charlie.userId &&
      'membership' in event.content &&
      event.content.membership === membership;
    const pdu = await server.pdu('the knock', isTheirs('knock'));
    expect(pdu.content.reason).toBe('let me in');
    expect(await alice.state(roomId, 'm.room.member', charlie.userId)).toMatchObject({
      membership: 'knock',
      reason: 'let me in',
    });
  });

  test('A user that has already knocked is allowed to knock again on the same room', () =>
    knockThere('I am still out here'));

  test('A user in the room can reject a knock', async () => {
    const { alice, charlie, roomId } = await setting();
    await alice.kick(roomId, charlie);
    await knockThere('Pleeease let me in?');
    expect(await alice.state(roomId, 'm.room.member', charlie.userId)).toMatchObject({ membership: 'knock' });
  });

  test('A user can knock on a room without a reason', async () => {
    const { alice, charlie, roomId } = await setting();
    await alice.kick(roomId, charlie);
    await knockThere();
    expect(await alice.state(roomId, 'm.room.member', charlie.userId)).not.toHaveProperty('reason');
  });

  test('A user in the room can accept a knock', async () => {
    const { alice, charlie, roomId } = await setting();
    const since = await charlie.now();
    await alice.invite(roomId, charlie);
    await charlie.syncUntil('the invitation', isInvited(roomId), { since });
  });

  test('A user cannot knock on a room they are already invited to', async () => {
    expect((await remoteRefusal())[0]).toBe(403);
  });

  test('A user cannot knock on a room they are already in', async () => {
    const { hs1, charlie, roomId } = await setting();
    await charlie.join(roomId, {}, [hs1.serverName]);
    expect((await remoteRefusal())[0]).toBe(403);
  });

  test('A user that is banned from a room cannot knock on it', async () => {
    const { server, alice, charlie, roomId } = await setting();
    const since = await charlie.now();
    await alice.ban(roomId, charlie);
    await charlie.syncUntil('the ban', hasLeft(roomId), { since });
    expect((await remoteRefusal())[0]).toBe(403);
    await server.stop();
  });
}

async function isListedAs({ joinRules, version }: Kind): Promise<void> {
  const user = await newUser();
  const roomId = await user.createRoom({
    visibility: 'public',
    room_version: version,
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: joinRules }],
  });
  expect((await listing(user, roomId)).join_rule).toBe(joinRules.join_rule);
}

describe('TestKnocking', () => knockTests(plain));

describe('TestKnockingInMSC3787Room', () => knockTests(knockRestricted));

describe('TestKnocking, from another server', () => remoteKnockTests(plain));

describe('TestKnockingInMSC3787Room, from another server', () => remoteKnockTests(knockRestricted));

test('TestKnockRoomsInPublicRoomsDirectory', () => isListedAs(plain));

test('TestKnockRoomsInPublicRoomsDirectoryInMSC3787Room', () => isListedAs(knockRestricted));

testAnswersOf('knocking and knock_restricted');
