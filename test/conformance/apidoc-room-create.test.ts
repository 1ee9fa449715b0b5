import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, isInvited, isJoined, memberEventOf } from './lib/events.ts';
import { newUser, newUsers } from './lib/register.ts';

describe('TestRoomCreate', () => {
  const creator = shared(() => newUser('creator'));

  test('POST /createRoom makes a public room', async () => {
    const user = await creator();
    const name = user.localpart;
    const roomId = await user.createRoom({
      visibility: 'public',
      preset: 'public_chat',
      room_alias_name: name,
    });
    expect(await user.state(roomId, 'm.room.join_rules')).toMatchObject({ join_rule: 'public' });
    expect(await user.state(roomId, 'm.room.canonical_alias')).toMatchObject({
      alias: `#${name}:${user.serverName}`,
    });
    expect(await user.ok('GET', `/v3/directory/list/room/${encodeURIComponent(roomId)}`)).toEqual({
      visibility: 'public',
    });
  });

  test('POST /createRoom makes a private room', async () => {
    const user = await creator();
    const roomId = await user.createRoom({ visibility: 'private', preset: 'private_chat' });
    expect(await user.state(roomId, 'm.room.join_rules')).toMatchObject({ join_rule: 'invite' });
    expect(await user.state(roomId, 'm.room.guest_access')).toMatchObject({ guest_access: 'can_join' });
    expect(await user.state(roomId, 'm.room.history_visibility')).toMatchObject({
      history_visibility: 'shared',
    });
  });

  test('POST /createRoom makes a private room with invites', async () => {
    const user = await creator();
    const guest = await newUser('guest');
    const roomId = await user.createRoom({ preset: 'private_chat', invite: [guest.userId] });
    expect(await user.state(roomId, 'm.room.member', guest.userId)).toMatchObject({ membership: 'invite' });
  });

  test('POST /createRoom makes a room with a name', async () => {
    const user = await creator();
    const roomId = await user.createRoom({ name: 'Test Room' });
    expect(await user.state(roomId, 'm.room.name')).toEqual({ name: 'Test Room' });
  });

  test('POST /createRoom makes a room with a topic', async () => {
    const user = await creator();
    const roomId = await user.createRoom({ topic: 'Test Room' });
    expect(await user.state(roomId, 'm.room.topic')).toMatchObject({ topic: 'Test Room' });
  });

  test('POST /createRoom makes a room with a topic and writes rich topic representation', async () => {
    const user = await creator();
    const roomId = await user.createRoom({ topic: 'Test Room' });
    const { 'm.topic': rich } = await user.state<{ 'm.topic': { 'm.text': object[] } }>(
      roomId,
      'm.room.topic',
    );
    const [text] = rich['m.text'];
    expect(rich['m.text']).toHaveLength(1);
    expect(text).toMatchObject({ body: 'Test Room' });
  });

  test('POST /createRoom makes a room with a topic via initial_state', async () => {
    const user = await creator();
    const topic = { type: 'm.room.topic', state_key: '', content: { topic: 'by initial state' } };
    const roomId = await user.createRoom({ initial_state: [topic] });
    expect(await user.state(roomId, 'm.room.topic')).toEqual({ topic: 'by initial state' });
  });

  test('POST /createRoom makes a room with a topic via initial_state overwritten by topic', async () => {
    const user = await creator();
    const topic = { type: 'm.room.topic', state_key: '', content: { topic: 'by initial state' } };
    const roomId = await user.createRoom({ initial_state: [topic], topic: 'by topic' });
    expect(await user.state(roomId, 'm.room.topic')).toMatchObject({ topic: 'by topic' });
  });

  test('POST /createRoom creates a room with the given version', async () => {
    const user = await creator();
    const roomId = await user.createRoom({ room_version: '9' });
    expect(await user.state(roomId, 'm.room.create')).toMatchObject({ room_version: '9' });
  });

  test('POST /createRoom ignores attempts to set the room version via creation_content', async () => {
    const user = await creator();
    const roomId = await user.createRoom({
      room_version: '10',
      creation_content: { room_version: 'unknown' },
    });
    expect(await user.state(roomId, 'm.room.create')).toMatchObject({ room_version: '10' });
  });

  test('POST /createRoom rejects attempts to create rooms with unknown versions', async () => {
    const user = await creator();
    expect(
      await user.refusal('POST', '/v3/createRoom', { room_version: 'ahfgwjyerhgiuveisbruvybseyrugvi' }),
    ).toEqual([400, 'M_UNSUPPORTED_ROOM_VERSION']);
  });

  test('POST /createRoom rejects attempts to create rooms with numeric versions', async () => {
    const user = await creator();
    expect(await user.refusal('POST', '/v3/createRoom', { room_version: 1 })).toEqual([400, 'M_BAD_JSON']);
  });

  test('Rooms can be created with an initial invite list (SYN-205)', async () => {
    const [user, guest] = await newUsers('user', 'guest');
    const roomId = await user.createRoom({ invite: [guest.userId] });
    await guest.syncUntil('the invitation', isInvited(roomId));
    await guest.join(roomId);
    await guest.syncUntil('the room', isJoined(roomId));
  });

  test('Can /sync newly created room', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const sync = await user.syncUntil('the room', isJoined(roomId));
    expect(memberEventOf(eventsOf(sync, roomId), user.userId, 'join')).toBeDefined();
  });

  test('Presets decide on join rules, history and guests', async () => {
    const user = await creator();
    const guest = await newUser('guest');
    const roomId = await user.createRoom({
      preset: 'trusted_private_chat',
      invite: [guest.userId],
      room_version: '11',
    });
    const levels = await user.state<{ users: Record<string, number> }>(roomId, 'm.room.power_levels');
    expect(levels.users[guest.userId]).toBe(levels.users[user.userId]);
    const publicRoom = await user.createRoom({ preset: 'public_chat' });
    expect(await user.state(publicRoom, 'm.room.join_rules')).toMatchObject({ join_rule: 'public' });
    expect(
      await user.call('GET', `/v3/rooms/${encodeURIComponent(publicRoom)}/state/m.room.guest_access`),
    ).not.toMatchObject({ body: { guest_access: 'can_join' } });
  });
});

testAnswersOf('apidoc_room_create');
