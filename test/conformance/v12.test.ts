import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { type ClientEvent, eventsOf, isInvited, isJoined } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

type Body = Record<string, unknown>;
type Levels = Body & { users?: Record<string, number>; events?: Record<string, number> };

const maxInteger = 2 ** 53 - 1;

function newRoom(user: User, body: Body = {}): Promise<string> {
  return user.createRoom({ preset: 'public_chat', room_version: '12', ...body });
}

function levelsOf(user: User, roomId: string): Promise<Levels> {
  return user.state<Levels>(roomId, 'm.room.power_levels');
}

function createEventOf(user: User, roomId: string): Promise<ClientEvent> {
  const path = p`/v3/rooms/${roomId}/state/m.room.create/`;
  return user.ok<ClientEvent>('GET', path, undefined, { format: 'event' });
}

/** A room of alice's, in which bob has that level. */
async function roomWithAdmin(level: number) {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await newRoom(alice);
  await bob.join(roomId);
  await alice.setPowerLevels(roomId, (levels) => {
    levels.users[bob.userId] = level;
  });
  return { alice, bob, roomId };
}

/** A creator shows by an act that only one of endless power may do. */
async function expectCreator(user: User, roomId: string, other: User): Promise<void> {
  const path = p`/v3/rooms/${roomId}/state/m.room.power_levels/`;
  const levels = await levelsOf(user, roomId);
  // Levels of creators are not written down.
  const withSelf = { ...levels, users: { ...levels.users, [user.userId]: 100 } };
  expect((await user.refusal('PUT', path, withSelf))[0]).not.toBe(200);
  const lifted = { ...levels, users: { ...levels.users, [other.userId]: maxInteger } };
  expect(await user.refusal('PUT', path, lifted)).toEqual([200, undefined]);
}

describe('TestMSC4289PrivilegedRoomCreators', () => {
  test('PL event is missing creator in users map', async () => {
    const alice = await newUser();
    expect((await levelsOf(alice, await newRoom(alice))).users ?? {}).not.toHaveProperty([alice.userId]);
  });

  test('m.room.tombstone needs PL150 in the PL event', async () => {
    const alice = await newUser();
    expect((await levelsOf(alice, await newRoom(alice))).events).toMatchObject({ 'm.room.tombstone': 150 });
  });

  test('creator cannot set self in PL event', async () => {
    const alice = await newUser();
    const roomId = await newRoom(alice);
    const path = p`/v3/rooms/${roomId}/state/m.room.power_levels/`;
    const levels = await levelsOf(alice, roomId);
    const [status] = await alice.refusal('PUT', path, { ...levels, users: { [alice.userId]: 100 } });
    expect([400, 403]).toContain(status);
  });

  for (const [name, level] of [
    ['creator can kick admin', 100],
    ['creator can kick admin above PL100', 150],
    ['creator can kick admin at JSON max value', maxInteger],
  ] as const) {
    test(name, async () => {
      const { alice, bob, roomId } = await roomWithAdmin(level);
      await alice.kick(roomId, bob);
      expect(await alice.state(roomId, 'm.room.member', bob.userId)).toMatchObject({ membership: 'leave' });
    });
  }

  test('admin with >PL100 cannot kick creator', async () => {
    const { alice, bob, roomId } = await roomWithAdmin(maxInteger);
    const path = p`/v3/rooms/${roomId}/kick`;
    expect(await bob.refusal('POST', path, { user_id: alice.userId })).toEqual([403, 'M_FORBIDDEN']);
  });

  test('power level cannot be set beyond max canonical JSON int', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await newRoom(alice);
    const levels = await levelsOf(alice, roomId);
    const path = p`/v3/rooms/${roomId}/state/m.room.power_levels/`;
    const beyond = { ...levels, users: { [bob.userId]: maxInteger + 1 } };
    const [status, errcode] = await alice.refusal('PUT', path, beyond);
    expect([status, errcode]).toEqual([400, 'M_BAD_JSON']);
  });

  test('power_level_content_override can be set', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const override = { users: { [bob.userId]: 50 }, invite: 17 };
    const roomId = await newRoom(alice, { power_level_content_override: override });
    expect(await levelsOf(alice, roomId)).toMatchObject(override);
  });

  test('power_level_content_override cannot set the room creator', async () => {
    const alice = await newUser();
    const [status] = await alice.refusal('POST', '/v3/createRoom', {
      room_version: '12',
      power_level_content_override: { users: { [alice.userId]: 100 } },
    });
    expect(status).toBe(400);
  });
});

test('TestMSC4289PrivilegedRoomCreators_Additional', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await newRoom(alice, { creation_content: { additional_creators: [bob.userId] } });
  expect(await alice.state(roomId, 'm.room.create')).toMatchObject({ additional_creators: [bob.userId] });
  await bob.join(roomId);
  await expectCreator(bob, roomId, charlie);
  // Creators cannot be removed by one another.
  const path = p`/v3/rooms/${roomId}/kick`;
  expect(await bob.refusal('POST', path, { user_id: alice.userId })).toEqual([403, 'M_FORBIDDEN']);
  expect(await alice.refusal('POST', path, { user_id: bob.userId })).toEqual([403, 'M_FORBIDDEN']);
});

test('TestMSC4289PrivilegedRoomCreators_InvitedAreCreators', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await newRoom(alice, { preset: 'trusted_private_chat', invite: [bob.userId] });
  expect(await alice.state(roomId, 'm.room.create')).toMatchObject({ additional_creators: [bob.userId] });
  await bob.join(roomId);
  await expectCreator(bob, roomId, charlie);
});

test('TestMSC4289PrivilegedRoomCreators_AdditionalCreatorsAndInvited', async () => {
  const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
  const roomId = await newRoom(alice, {
    preset: 'trusted_private_chat',
    invite: [bob.userId],
    creation_content: { additional_creators: [charlie.userId] },
  });
  const { additional_creators: creators } = await alice.state<{ additional_creators: string[] }>(
    roomId,
    'm.room.create',
  );
  expect(new Set(creators)).toEqual(new Set([bob.userId, charlie.userId]));
});

describe('TestMSC4289PrivilegedRoomCreators_AdditionalValidation', () => {
  const cases: [string, unknown][] = [
    ["additional_creators isn't an array", 'not-an-array'],
    ["additional_creators elements aren't strings", [1, true]],
    ["additional_creators elements aren't user ID strings", ['not-a-user-id']],
    ["additional_creators elements aren't valid user ID strings (domain)", ['@alice:not a domain!']],
  ];
  for (const [name, creators] of cases) {
    test(name, async () => {
      const alice = await newUser();
      const body = { room_version: '12', creation_content: { additional_creators: creators } };
      expect((await alice.refusal('POST', '/v3/createRoom', body))[0]).toBe(400);
    });
  }

  test('additional_creators are valid', async () => {
    const alice = await newUser();
    const creators = ['@bob:example.org', '@charlie:example.org:8448'];
    const roomId = await newRoom(alice, { creation_content: { additional_creators: creators } });
    expect(await alice.state(roomId, 'm.room.create')).toMatchObject({ additional_creators: creators });
  });
});

async function upgrade(user: User, roomId: string, body: Body): Promise<string> {
  const answer = await user.ok<{ replacement_room: string }>('POST', p`/v3/rooms/${roomId}/upgrade`, body);
  return answer.replacement_room;
}

test('TestMSC4289PrivilegedRoomCreators_Upgrades', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  // Into version 12: whoever upgrades is the creator and stands in no levels; additional ones may be named.
  const old = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
  await bob.join(old);
  const young = await upgrade(alice, old, { new_version: '12', additional_creators: [bob.userId] });
  expect(await alice.state(young, 'm.room.create')).toMatchObject({
    room_version: '12',
    additional_creators: [bob.userId],
    predecessor: { room_id: old },
  });
  const levels = await levelsOf(alice, young);
  for (const creator of [alice, bob]) expect(levels.users ?? {}).not.toHaveProperty([creator.userId]);
});

test('A room that is upgraded out of version 12 has an administrator still', async () => {
  const alice = await newUser();
  const back = await upgrade(alice, await newRoom(alice), { new_version: '11' });
  await alice.setState(back, 'm.room.name', { name: 'back' });
});

test('TestMSC4291RoomIDAsHashOfCreateEvent', async () => {
  const alice = await newUser();
  const roomId = await newRoom(alice);
  expect(roomId).toMatch(/^![\w-]{43}$/);
  expect((await createEventOf(alice, roomId)).event_id.slice(1)).toBe(roomId.slice(1));
});

test('TestMSC4291RoomIDAsHashOfCreateEvent_UpgradedRooms', async () => {
  const alice = await newUser();
  const old = await alice.createRoom({ room_version: '11' });
  expect(old).toContain(':');
  const young = await upgrade(alice, old, { new_version: '12' });
  expect(young).toMatch(/^![\w-]{43}$/);
  expect((await createEventOf(alice, young)).event_id.slice(1)).toBe(young.slice(1));
});

test('TestMSC4291RoomIDAsHashOfCreateEvent_CannotSendCreateEvent', async () => {
  const alice = await newUser();
  const roomId = await newRoom(alice);
  const path = p`/v3/rooms/${roomId}/state/m.room.create/`;
  const [status] = await alice.refusal('PUT', path, { room_version: '12', 'm.federate': false });
  expect([400, 403]).toContain(status);
});

test('TestMSC4291RoomIDAsHashOfCreateEvent_RoomIDIsOnCreateEvent', async () => {
  const alice = await newUser();
  const roomId = await newRoom(alice);
  const isCreate = (event: ClientEvent) => event.type === 'm.room.create';
  const state = await alice.ok<ClientEvent[]>('GET', p`/v3/rooms/${roomId}/state`);
  expect(state.find(isCreate)?.room_id).toBe(roomId);
  const { chunk } = await alice.pageOf(roomId, { dir: 'b', limit: 50 });
  expect(chunk.find(isCreate)?.room_id).toBe(roomId);
  const created = chunk.find(isCreate);
  const path = p`/v3/rooms/${roomId}/event/${created?.event_id ?? ''}`;
  expect((await alice.ok<ClientEvent>('GET', path)).room_id).toBe(roomId);
  const sync = await alice.syncUntil('the room', isJoined(roomId));
  expect(eventsOf(sync, roomId).find(isCreate)).toBeDefined();
});

test('TestMSC4311FullCreateEventOnStrippedState', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await newRoom(alice, { invite: [bob.userId] });
  const sync = await bob.syncUntil('the invitation', isInvited(roomId));
  const stripped = sync.rooms?.invite?.[roomId]?.invite_state.events ?? [];
  expect(stripped.find((event) => event.type === 'm.room.create')).toMatchObject({
    sender: alice.userId,
    state_key: '',
    content: { room_version: '12' },
  });
});

testAnswersOf('v12');
