import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

async function upgrade(user: User, roomId: string, version: string): Promise<string> {
  const path = p`/v3/rooms/${roomId}/upgrade`;
  const { replacement_room: replacement } = await user.ok<{ replacement_room: string }>('POST', path, {
    new_version: version,
  });
  return replacement;
}

async function roomRules(user: User): Promise<string[]> {
  const { global } = await user.ok<{ global: { room: { rule_id: string }[] } }>('GET', '/v3/pushrules/');
  return global.room.map((rule) => rule.rule_id);
}

function mute(user: User, roomId: string): Promise<object> {
  return user.ok('PUT', p`/v3/pushrules/global/room/${roomId}`, { actions: ['dont_notify'] });
}

describe('TestPushRuleRoomUpgrade', () => {
  test('upgrading a room carries over existing push rules for local users', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    await bob.join(roomId);
    await mute(alice, roomId);
    await mute(bob, roomId);
    const replacement = await upgrade(alice, roomId, '11');
    expect(await roomRules(alice)).toContain(replacement);
    await bob.join(replacement);
    await bob.syncUntil('the new room', (sync) => sync.rooms?.join?.[replacement] !== undefined);
    expect(await roomRules(bob)).toContain(replacement);
  });

  test('manually upgrading a room carries over existing push rules for local users', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    await bob.join(roomId);
    await mute(alice, roomId);
    await mute(bob, roomId);
    const tombstone = await alice.setState(roomId, 'org.example.placeholder', {});
    const replacement = await alice.createPublicRoom({
      room_version: '11',
      creation_content: { predecessor: { room_id: roomId, event_id: tombstone } },
    });
    await alice.setState(roomId, 'm.room.tombstone', { body: 'moved', replacement_room: replacement });
    await bob.join(replacement);
    expect(await roomRules(bob)).toContain(replacement);
    expect(await roomRules(alice)).toContain(replacement);
  });
});

describe('Room upgrades', () => {
  test('The old room points to the new one and back, and is closed', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ room_version: '10', name: 'the name', topic: 'the topic' });
    await bob.join(roomId);
    const replacement = await upgrade(alice, roomId, '11');
    expect(await alice.state(roomId, 'm.room.tombstone')).toMatchObject({ replacement_room: replacement });
    expect(await alice.state(replacement, 'm.room.create')).toMatchObject({
      room_version: '11',
      predecessor: { room_id: roomId },
    });
    expect(await alice.state(replacement, 'm.room.name')).toEqual({ name: 'the name' });
    expect(await alice.state(replacement, 'm.room.topic')).toMatchObject({ topic: 'the topic' });
    expect(await alice.state(replacement, 'm.room.join_rules')).toMatchObject({ join_rule: 'public' });
    const path = p`/v3/rooms/${roomId}/send/m.room.message/late`;
    expect(await bob.refusal('PUT', path, { msgtype: 'm.text', body: 'too late' })).toEqual([
      403,
      'M_FORBIDDEN',
    ]);
  });

  test('Who may not close a room may not upgrade it', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    await bob.join(roomId);
    const path = p`/v3/rooms/${roomId}/upgrade`;
    expect(await bob.refusal('POST', path, { new_version: '11' })).toEqual([403, 'M_FORBIDDEN']);
  });

  test('Unknown versions are refused', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const path = p`/v3/rooms/${roomId}/upgrade`;
    expect(await user.refusal('POST', path, { new_version: 'unknown' })).toEqual([
      400,
      'M_UNSUPPORTED_ROOM_VERSION',
    ]);
  });
});

testAnswersOf('room_upgrade');
