import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { isInvited } from './lib/events.ts';
import { eventually } from './lib/eventually.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import { type User, viaQuery } from './lib/user.ts';

function allowing(joinRule: string, roomIds: string[]): Record<string, unknown> {
  return { join_rule: joinRule, allow: roomIds.map((id) => ({ type: 'm.room_membership', room_id: id })) };
}

/** A space, and a room that its members may join. */
async function spaceAndRoom(alice: User, joinRule: string, version: string) {
  const space = await alice.createPublicRoom({ creation_content: { type: 'm.space' } });
  const roomId = await alice.createRoom({
    preset: 'private_chat',
    room_version: version,
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: allowing(joinRule, [space]) }],
  });
  return { space, roomId };
}

function joinRefusal(user: User, roomId: string, via: string[] = []): Promise<[number, unknown]> {
  return user.refusal('POST', p`/v3/join/${roomId}` + viaQuery(via), {});
}

function localJoinTests(joinRule: string, version: string): void {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    return { alice, bob, ...(await spaceAndRoom(alice, joinRule, version)) };
  });

  test('Join should fail initially', async () => {
    const { bob, roomId } = await setting();
    expect(await joinRefusal(bob, roomId)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Join should succeed when joined to allowed room', async () => {
    const { alice, bob, space, roomId } = await setting();
    await bob.join(space);
    await bob.join(roomId);
    expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({
      membership: 'join',
      join_authorised_via_users_server: alice.userId,
    });
  });

  test('Join should fail when left allowed room', async () => {
    const { bob, space, roomId } = await setting();
    await bob.leave(space);
    await bob.leave(roomId);
    expect(await joinRefusal(bob, roomId)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Join should succeed when invited', async () => {
    const { alice, bob, roomId } = await setting();
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    await bob.leave(roomId);
  });

  test('Join should fail with mangled join rules', async () => {
    const { alice, bob, space, roomId } = await setting();
    await bob.join(space);
    for (const allow of [
      undefined,
      'not a list',
      [{ type: 'm.room_membership' }],
      [{ type: 'm.room_membership', room_id: 1 }],
      [{ type: 'org.example.other', room_id: space }],
      ['no object'],
    ]) {
      await alice.setState(roomId, 'm.room.join_rules', {
        join_rule: joinRule,
        ...(allow !== undefined && { allow }),
      });
      // Whether a room that cannot be found counts as unknown or as forbidden is free.
      const [status] = await joinRefusal(bob, roomId);
      expect([allow, [400, 403, 404].includes(status)]).toEqual([allow, true]);
    }
    await alice.setState(roomId, 'm.room.join_rules', allowing(joinRule, [space]));
    await bob.join(roomId);
  });
}

/** Of a user of another server than the one that the room and the space are on. */
function remoteJoinTests(joinRule: string, version: string): void {
  const setting = shared(async () => {
    const [alice, bob] = await usersOnServers('alice', 'bob');
    const via = [alice.serverName];
    return { alice, bob, via, ...(await spaceAndRoom(alice, joinRule, version)) };
  });

  test('Join should fail initially', async () => {
    const { bob, roomId, via } = await setting();
    expect(await joinRefusal(bob, roomId, via)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Join should succeed when joined to allowed room', async () => {
    const { alice, bob, space, roomId, via } = await setting();
    await bob.join(space, {}, via);
    await bob.join(roomId, {}, via);
    expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({
      membership: 'join',
      join_authorised_via_users_server: alice.userId,
    });
    // Whoever is in may change the own member event without being let in again.
    const content = { membership: 'join', displayname: 'Bobby', join_authorised_via_users_server: 'unused' };
    await bob.setState(roomId, 'm.room.member', content, bob.userId);
    await eventually(async () => {
      const member = await alice.state(roomId, 'm.room.member', bob.userId);
      expect(member).toMatchObject({ displayname: 'Bobby' });
    });
  });

  test('Join should fail when left allowed room', async () => {
    const { alice, bob, space, roomId, via } = await setting();
    await bob.leave(space);
    await bob.leave(roomId);
    await hasLeftBoth(alice, bob, [space, roomId]);
    expect((await joinRefusal(bob, roomId, via))[0]).toBe(403);
  });

  test('Join should succeed when invited', async () => {
    const { alice, bob, roomId, via } = await setting();
    await alice.invite(roomId, bob);
    await bob.syncUntil('the invitation', isInvited(roomId));
    await bob.join(roomId, {}, via);
    await bob.leave(roomId);
    await hasLeftBoth(alice, bob, [roomId]);
  });

  test('Join should fail with mangled join rules', async () => {
    const { alice, bob, space, roomId, via } = await setting();
    await bob.join(space, {}, via);
    for (const allow of [['invalid'], 'invalid']) {
      await alice.setState(roomId, 'm.room.join_rules', { join_rule: joinRule, allow });
      const [status] = await joinRefusal(bob, roomId, via);
      expect([allow, [400, 403, 404].includes(status)]).toEqual([allow, true]);
    }
  });
}

async function hasLeftBoth(observer: User, user: User, roomIds: string[]): Promise<void> {
  for (const roomId of roomIds) {
    await eventually(async () => {
      const member = await observer.state(roomId, 'm.room.member', user.userId);
      expect(member).toMatchObject({ membership: 'leave' });
    });
  }
}

/** A server that is in the room and may let nobody in asks another one that may. */
async function remoteJoinOfLocalUser(joinRule: string, version: string): Promise<void> {
  const [alice, charlie] = await usersOnServers('alice', 'charlie');
  const bob = await (await homeserver('hs1')).newUser('bob');
  const { space, roomId } = await spaceAndRoom(charlie, joinRule, version);
  await charlie.setPowerLevels(roomId, (levels) => {
    levels.invite = 50;
  });
  await charlie.invite(roomId, alice);
  await alice.syncUntil('the invitation', isInvited(roomId));
  await alice.join(roomId, {}, [charlie.serverName]);
  expect(await alice.refusal('POST', p`/v3/rooms/${roomId}/invite`, { user_id: bob.userId })).toEqual([
    403,
    'M_FORBIDDEN',
  ]);
  // With which code is not specified for a server that cannot tell by itself.
  expect((await joinRefusal(bob, roomId, [alice.serverName]))[0]).toBeGreaterThanOrEqual(400);
  await bob.join(space, {}, [charlie.serverName]);
  await bob.join(roomId, {}, [alice.serverName]);
  await eventually(async () => {
    expect(await charlie.state(roomId, 'm.room.member', bob.userId)).toMatchObject({
      membership: 'join',
      join_authorised_via_users_server: charlie.userId,
    });
  });
  // Once all may invite, the server needs no other, which is good because there is none any more.
  await charlie.setPowerLevels(roomId, (levels) => {
    levels.invite = 0;
  });
  await charlie.leave(roomId);
  await hasLeftBoth(alice, charlie, [roomId]);
  await bob.leave(roomId);
  await bob.join(roomId, {}, [alice.serverName]);
  expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({ membership: 'join' });
}

/** Of three servers the one that is asked first may let nobody in. */
async function remoteJoinFailOver(joinRule: string, version: string): Promise<void> {
  const [alice, bob, charlie] = await usersOnServers('alice', 'bob', 'charlie');
  const { space, roomId } = await spaceAndRoom(alice, joinRule, version);
  const mayInvite = (users: Record<string, number>) =>
    alice.setPowerLevels(roomId, (levels) => {
      levels.invite = 100;
      Object.assign(levels.users, users);
    });
  await mayInvite({});
  for (const room of [space, roomId]) await bob.join(room, {}, [alice.serverName]);
  await charlie.join(space, {}, [alice.serverName]);
  expect((await joinRefusal(charlie, roomId, [bob.serverName]))[0]).toBeGreaterThanOrEqual(400);
  await charlie.join(roomId, {}, [bob.serverName, alice.serverName]);
  const isVouchedBy = (observer: User, voucher: User) =>
    eventually(async () => {
      expect(await observer.state(roomId, 'm.room.member', charlie.userId)).toMatchObject({
        membership: 'join',
        join_authorised_via_users_server: voucher.userId,
      });
    });
  await isVouchedBy(bob, alice);
  await mayInvite({ [bob.userId]: 100 });
  await charlie.leave(roomId);
  await hasLeftBoth(alice, charlie, [roomId]);
  await hasLeftBoth(bob, charlie, [roomId]);
  await eventually(async () => {
    const levels = await bob.state<{ users: object }>(roomId, 'm.room.power_levels');
    expect(levels.users).toHaveProperty([bob.userId], 100);
  });
  await charlie.join(roomId, {}, [bob.serverName]);
  await isVouchedBy(alice, bob);
}

/** Where the creator is gone, somebody else with the power to invite authorises the join. */
async function noCreators(joinRule: string, version: string): Promise<void> {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const { space, roomId } = await spaceAndRoom(alice, joinRule, version);
  await alice.setPowerLevels(roomId, (levels) => {
    levels.invite = 50;
    levels.users[bob.userId] = 50;
  });
  await bob.join(space);
  await bob.join(roomId);
  await alice.leave(roomId);
  await charlie.join(space);
  await charlie.join(roomId);
  expect(await bob.state(roomId, 'm.room.member', charlie.userId)).toMatchObject({
    join_authorised_via_users_server: bob.userId,
  });
}

describe('TestRestrictedRoomsLocalJoin', () => localJoinTests('restricted', '8'));

describe('TestRestrictedRoomsLocalJoinInMSC3787Room', () => localJoinTests('knock_restricted', '10'));

describe('TestRestrictedRoomsRemoteJoin', () => remoteJoinTests('restricted', '8'));

describe('TestRestrictedRoomsRemoteJoinInMSC3787Room', () => remoteJoinTests('knock_restricted', '10'));

test('TestRestrictedRoomsRemoteJoinLocalUser', () => remoteJoinOfLocalUser('restricted', '8'));

test('TestRestrictedRoomsRemoteJoinLocalUserInMSC3787Room', () =>
  remoteJoinOfLocalUser('knock_restricted', '10'));

test('TestRestrictedRoomsRemoteJoinFailOver', () => remoteJoinFailOver('restricted', '8'));

test('TestRestrictedRoomsRemoteJoinFailOverInMSC3787Room', () =>
  remoteJoinFailOver('knock_restricted', '10'));

test('TestRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV11', () => noCreators('restricted', '11'));

test('TestRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV12', () => noCreators('restricted', '12'));

test('TestKnockRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV11', () =>
  noCreators('knock_restricted', '11'));

test('TestKnockRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV12', () =>
  noCreators('knock_restricted', '12'));

testAnswersOf('restricted_rooms');
