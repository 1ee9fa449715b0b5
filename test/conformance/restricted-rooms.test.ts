import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

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

function joinRefusal(user: User, roomId: string): Promise<[number, unknown]> {
  return user.refusal('POST', p`/v3/join/${roomId}`, {});
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

test('TestRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV11', () => noCreators('restricted', '11'));

test('TestRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV12', () => noCreators('restricted', '12'));

test('TestKnockRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV11', () =>
  noCreators('knock_restricted', '11'));

test('TestKnockRestrictedRoomsLocalJoinNoCreatorsUsesPowerLevelsV12', () =>
  noCreators('knock_restricted', '12'));

testAnswersOf('restricted_rooms');
