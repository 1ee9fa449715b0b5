import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { listing } from './lib/public-rooms.ts';
import { newName, newUser, newUsers } from './lib/register.ts';

describe('TestRoomState', () => {
  const setting = shared(async () => {
    const user = await newUser();
    const aliasName = newName('alias');
    const roomId = await user.createPublicRoom({
      visibility: 'public',
      name: 'Test Room',
      topic: 'Testing topic',
      room_alias_name: aliasName,
    });
    return { user, roomId, alias: `#${aliasName}:${user.serverName}` };
  });

  test('GET /rooms/:room_id/state/m.room.member/:user_id fetches my membership', async () => {
    const { user, roomId } = await setting();
    expect(await user.state(roomId, 'm.room.member', user.userId)).toMatchObject({ membership: 'join' });
  });

  test('GET /rooms/:room_id/state/m.room.member/:user_id?format=event fetches my membership event', async () => {
    const { user, roomId } = await setting();
    const path = p`/v3/rooms/${roomId}/state/m.room.member/${user.userId}`;
    expect(await user.ok('GET', path, undefined, { format: 'event' })).toMatchObject({
      type: 'm.room.member',
      state_key: user.userId,
      sender: user.userId,
      room_id: roomId,
      event_id: expect.stringMatching(/^\$/),
      content: { membership: 'join' },
    });
  });

  test('GET /rooms/:room_id/state/m.room.power_levels fetches powerlevels', async () => {
    const { user, roomId } = await setting();
    const levels = await user.state(roomId, 'm.room.power_levels');
    for (const key of ['ban', 'kick', 'redact', 'users_default', 'state_default', 'events_default']) {
      expect(levels).toHaveProperty(key, expect.any(Number));
    }
    expect(levels).toMatchObject({ users: expect.any(Object), events: expect.any(Object) });
  });

  test('GET /rooms/:room_id/joined_members fetches my membership', async () => {
    const { user, roomId } = await setting();
    const { joined } = await user.ok<{ joined: object }>('GET', p`/v3/rooms/${roomId}/joined_members`);
    expect(Object.keys(joined)).toEqual([user.userId]);
  });

  test('GET /rooms/:room_id/joined_members is forbidden after leaving room', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await bob.leave(roomId);
    expect(await bob.refusal('GET', p`/v3/rooms/${roomId}/joined_members`)).toEqual([403, 'M_FORBIDDEN']);
  });

  test('GET /publicRooms lists newly-created room', async () => {
    const { user, roomId } = await setting();
    expect(await listing(user, roomId)).toMatchObject({ name: 'Test Room', topic: 'Testing topic' });
    expect(await user.ok('GET', '/v3/publicRooms')).toMatchObject({ chunk: expect.any(Array) });
  });

  test('GET /directory/room/:room_alias yields room ID', async () => {
    const { user, roomId, alias } = await setting();
    expect(await user.ok('GET', p`/v3/directory/room/${alias}`)).toMatchObject({ room_id: roomId });
  });

  test('GET /joined_rooms lists newly-created room', async () => {
    const { user, roomId } = await setting();
    expect(await user.ok('GET', '/v3/joined_rooms')).toEqual({ joined_rooms: [roomId] });
  });

  test('GET /rooms/:room_id/state/m.room.name gets name', async () => {
    const { user, roomId } = await setting();
    expect(await user.state(roomId, 'm.room.name')).toEqual({ name: 'Test Room' });
  });

  test('GET /rooms/:room_id/state/m.room.topic gets topic', async () => {
    const { user, roomId } = await setting();
    expect(await user.state(roomId, 'm.room.topic')).toMatchObject({ topic: 'Testing topic' });
  });

  test('POST /rooms/:room_id/state/m.room.name sets name', async () => {
    const user = await newUser();
    const roomId = await user.createRoom({ name: 'old' });
    await user.ok('PUT', p`/v3/rooms/${roomId}/state/m.room.name`, { name: 'new' });
    expect(await user.state(roomId, 'm.room.name')).toEqual({ name: 'new' });
  });

  test('PUT /rooms/:room_id/state/m.room.topic sets topic', async () => {
    const user = await newUser();
    const roomId = await user.createRoom({ topic: 'old' });
    await user.ok('PUT', p`/v3/rooms/${roomId}/state/m.room.topic/`, { topic: 'new' });
    expect(await user.state(roomId, 'm.room.topic')).toEqual({ topic: 'new' });
  });

  test('GET /rooms/:room_id/state fetches entire room state', async () => {
    const { user, roomId } = await setting();
    const state = await user.ok<ClientEvent[]>('GET', p`/v3/rooms/${roomId}/state`);
    const types = state.map((event) => event.type);
    for (const type of [
      'create',
      'join_rules',
      'member',
      'name',
      'power_levels',
      'topic',
      'canonical_alias',
    ]) {
      expect(types).toContain(`m.room.${type}`);
    }
    expect(new Set(state.map((event) => `${event.type}|${event.state_key}`)).size).toBe(state.length);
  });

  test('PUT /createRoom with creation content', async () => {
    const user = await newUser();
    const roomId = await user.createRoom({ creation_content: { 'm.federate': false } });
    expect(await user.state(roomId, 'm.room.create')).toMatchObject({ 'm.federate': false });
  });
});

testAnswersOf('apidoc_room_state');
