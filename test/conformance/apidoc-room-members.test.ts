import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newName, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

async function roomAndBob(body: Record<string, unknown> = {}) {
  const [alice, bob] = await newUsers('alice', 'bob');
  const aliasName = newName('alias');
  const roomId = await alice.createPublicRoom({ room_alias_name: aliasName, ...body });
  return { alice, bob, roomId, alias: `#${aliasName}:${alice.serverName}` };
}

function memberOf(asker: User, roomId: string, user: User): Promise<Record<string, unknown>> {
  return asker.state(roomId, 'm.room.member', user.userId);
}

describe('TestRoomMembers', () => {
  test('POST /rooms/:room_id/join can join a room', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    expect(await bob.ok('POST', p`/v3/rooms/${roomId}/join`, {})).toEqual({ room_id: roomId });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'join' });
  });

  test('POST /join/:room_alias can join a room', async () => {
    const { alice, bob, roomId, alias } = await roomAndBob();
    expect(await bob.ok('POST', p`/v3/join/${alias}`, {})).toEqual({ room_id: roomId });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'join' });
  });

  test('POST /join/:room_id can join a room', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    expect(await bob.ok('POST', p`/v3/join/${roomId}`, {})).toEqual({ room_id: roomId });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'join' });
  });

  test('POST /join/:room_id can join a room with custom content', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    await bob.join(roomId, { reason: 'I wanted to', foo: 'bar' });
    const content = await memberOf(alice, roomId, bob);
    expect(content).toMatchObject({ membership: 'join', reason: 'I wanted to', foo: 'bar' });
  });

  test('POST /join/:room_alias can join a room with custom content', async () => {
    const { alice, bob, roomId, alias } = await roomAndBob();
    await bob.join(alias, { reason: 'I wanted to', foo: 'bar' });
    const content = await memberOf(alice, roomId, bob);
    expect(content).toMatchObject({ membership: 'join', reason: 'I wanted to', foo: 'bar' });
  });

  test('POST /rooms/:room_id/leave can leave a room', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    await bob.join(roomId);
    await bob.ok('POST', p`/v3/rooms/${roomId}/leave`, { reason: 'enough' });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'leave', reason: 'enough' });
  });

  test('POST /rooms/:room_id/invite can send an invite', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    await alice.invite(roomId, bob, { reason: 'come' });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'invite', reason: 'come' });
  });

  test('POST /rooms/:room_id/ban can ban a user', async () => {
    const { alice, bob, roomId } = await roomAndBob();
    await bob.join(roomId);
    await alice.ok('POST', p`/v3/rooms/${roomId}/ban`, { user_id: bob.userId, reason: 'Testing' });
    expect(await memberOf(alice, roomId, bob)).toMatchObject({ membership: 'ban', reason: 'Testing' });
    expect((await bob.refusal('POST', p`/v3/join/${roomId}`, {}))[0]).toBe(403);
    await alice.unban(roomId, bob);
    await bob.join(roomId);
  });

  test('Test that we can be reinvited to a room we created', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createRoom({ preset: 'private_chat', room_version: '11' });
    await alice.invite(roomId, bob);
    await bob.join(roomId);
    await alice.setPowerLevels(roomId, (levels) => {
      levels.users[bob.userId] = 100;
    });
    await alice.leave(roomId);
    await bob.invite(roomId, alice);
    await alice.join(roomId);
    expect(await memberOf(bob, roomId, alice)).toMatchObject({ membership: 'join' });
  });
});

testAnswersOf('apidoc_room_members');
