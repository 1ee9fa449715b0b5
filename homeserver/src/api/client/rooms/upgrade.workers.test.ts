import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { readConfig } from '../../../config.ts';
import { makeStubs, type Stubs } from '../../../objects/stubs.ts';
import { upgradeRoom } from '../../../services/upgrade-room.ts';
import {
  type Answer,
  alice,
  bob,
  call,
  carol,
  createRoom,
  knowsOf,
  roomPath,
  setUpPeople,
  stateContent,
  testEnv,
} from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const upgrade = (userId: string, roomId: string, body: JsonObject): Promise<Answer> =>
  call(userId, 'POST', `${roomPath(roomId)}/upgrade`, body);

async function upgraded(userId: string, roomId: string, body: JsonObject): Promise<string> {
  const answer = await upgrade(userId, roomId, body);
  expect(answer).toMatchObject({ status: 200 });
  return String(answer.body.replacement_room);
}

const contentIn = async (roomId: string, type: string, userId: string = alice, key = '') =>
  (await stateContent(userId, roomId, type, key)).body;

test('the new room takes over what it should, and the old one ends', async () => {
  const { roomId, path } = await createRoom(alice, {
    room_version: '10',
    preset: 'public_chat',
    visibility: 'public',
    room_alias_name: 'moving',
    name: 'House',
    topic: 'Living',
    creation_content: { 'm.federate': false, type: 'org.example' },
    initial_state: [
      { type: 'm.room.avatar', content: { url: 'mxc://roost.test/a' } },
      { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      { type: 'm.room.server_acl', content: { allow: ['*'] } },
      { type: 'm.room.guest_access', content: { guest_access: 'can_join' } },
      { type: 'm.room.history_visibility', content: { history_visibility: 'invited' } },
      { type: 'org.example.own', content: { stays: true } },
    ],
  });
  for (const userId of [bob, carol]) await call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  await call(alice, 'POST', `${path}/ban`, { user_id: carol, reason: 'noise' });
  await call(alice, 'PUT', `/v3/directory/room/${encodeURIComponent('#moving2:roost.test')}`, {
    room_id: roomId,
  });
  const newRoom = await upgraded(alice, roomId, { new_version: '11' });
  expect(newRoom).not.toBe(roomId);
  expect(await contentIn(newRoom, 'm.room.create')).toEqual({
    room_version: '11',
    type: 'org.example',
    'm.federate': false,
    predecessor: { room_id: roomId, event_id: expect.stringMatching(/^\$/) },
  });
  const kept = [
    'name',
    'topic',
    'avatar',
    'encryption',
    'server_acl',
    'guest_access',
    'history_visibility',
    'join_rules',
    'power_levels',
  ];
  for (const type of kept.map((name) => `m.room.${name}`).filter((type) => type !== 'm.room.power_levels')) {
    expect(await contentIn(newRoom, type)).toEqual(await contentIn(roomId, type));
  }
  expect((await stateContent(alice, newRoom, 'org.example.own')).status).toBe(404);
  expect(await contentIn(newRoom, 'm.room.member', alice, carol)).toEqual({
    membership: 'ban',
    reason: 'noise',
  });
  expect((await stateContent(alice, newRoom, 'm.room.member', bob)).status).toBe(404);
  expect(await contentIn(newRoom, 'm.room.power_levels')).toMatchObject({
    users: { [alice]: 100 },
    invite: 50,
  });

  expect(await contentIn(roomId, 'm.room.tombstone')).toEqual({
    body: expect.any(String),
    replacement_room: newRoom,
  });
  expect(await contentIn(roomId, 'm.room.power_levels')).toMatchObject({ events_default: 50, invite: 50 });
  const sent = await call(bob, 'PUT', `${path}/send/m.room.message/1`, { body: 'still here' });
  expect(sent.status).toBe(403);

  for (const alias of ['#moving:roost.test', '#moving2:roost.test']) {
    expect((await call(bob, 'GET', `/v3/directory/room/${encodeURIComponent(alias)}`)).body.room_id).toBe(
      newRoom,
    );
  }
  expect(await contentIn(newRoom, 'm.room.canonical_alias')).toEqual({ alias: '#moving:roost.test' });
  expect(await contentIn(roomId, 'm.room.canonical_alias')).toEqual({});
  const listed = async (id: string) =>
    (await call(bob, 'GET', `/v3/directory/list/room/${encodeURIComponent(id)}`)).body.visibility;
  expect([await listed(roomId), await listed(newRoom)]).toEqual(['private', 'public']);

  expect((await call(bob, 'POST', `/v3/join/${encodeURIComponent(newRoom)}`, {})).status).toBe(200);
  expect((await call(carol, 'POST', `/v3/join/${encodeURIComponent(newRoom)}`, {})).status).toBe(403);
});

test('asking twice for the same version gives the same room, for another version another', async () => {
  const { roomId } = await createRoom(alice, { room_version: '9' });
  const [one, other] = await Promise.all([
    upgrade(alice, roomId, { new_version: '10' }),
    upgrade(alice, roomId, { new_version: '10' }),
  ]);
  expect([one.status, other.status]).toEqual([200, 200]);
  expect(one.body).toEqual(other.body);
  expect((await upgrade(alice, roomId, { new_version: '10' })).body).toEqual(one.body);
  const third = await upgraded(alice, roomId, { new_version: '11' });
  expect(third).not.toBe(one.body.replacement_room);
  expect(await contentIn(roomId, 'm.room.tombstone')).toMatchObject({ replacement_room: third });
  await call(alice, 'PUT', `${roomPath(roomId)}/state/m.room.tombstone`, {
    replacement_room: '!x:roost.test',
  });
  expect(await upgraded(alice, roomId, { new_version: '11' })).not.toBe(third);
});

test('who may not end the room changes nothing', async () => {
  const { roomId, path } = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  const forbidden = { status: 403, body: { errcode: 'M_FORBIDDEN' } };
  expect(await upgrade(bob, roomId, { new_version: '11' })).toMatchObject(forbidden);
  expect(await upgrade(carol, roomId, { new_version: '11' })).toMatchObject(forbidden);
  expect(await upgrade(alice, '!unknown:roost.test', { new_version: '11' })).toMatchObject(forbidden);
  expect((await stateContent(alice, roomId, 'm.room.tombstone')).status).toBe(404);
  expect((await call(bob, 'PUT', `${path}/send/m.room.message/1`, { body: 'hi' })).status).toBe(200);
  expect(await upgrade(alice, roomId, { new_version: '99' })).toMatchObject({
    status: 400,
    body: { errcode: 'M_UNSUPPORTED_ROOM_VERSION' },
  });
  expect(await upgrade(alice, roomId, {})).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await upgrade(alice, roomId, { new_version: '12', additional_creators: ['bob'] })).toMatchObject({
    status: 400,
  });
  const rows = await testEnv.DB.prepare('SELECT 1 FROM room_upgrades WHERE old_room_id = ?')
    .bind(roomId)
    .all();
  expect(rows.results).toEqual([]);
});

test.each<[string, string, JsonObject, string, string[], JsonObject]>([
  ['an administrator takes over', '11', { [bob]: 100 }, bob, [], {}],
  ['with another one', '11', { [bob]: 100, [carol]: 100 }, bob, [], { [carol]: 100 }],
  ['of version 12', '12', { [bob]: 150 }, bob, [carol], {}],
  ['a moderator becomes a creator', '12', { [bob]: 150, [carol]: 50 }, bob, [carol], {}],
  ['the creator with another', '11', { [alice]: 100, [bob]: 100 }, alice, [bob], {}],
  ['and a moderator', '11', { [alice]: 100, [bob]: 100, [carol]: 50 }, alice, [bob], { [carol]: 50 }],
])('to version 12, %s', async (_, version, users, upgrader, creators, expected) => {
  const { roomId, path } = await createRoom(alice, { room_version: version, preset: 'public_chat' });
  for (const userId of [bob, carol]) await call(userId, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  expect((await call(alice, 'PUT', `${path}/state/m.room.power_levels`, { users })).status).toBe(200);
  const newRoom = await upgraded(upgrader, roomId, {
    new_version: '12',
    ...(creators.length > 0 ? { additional_creators: creators } : {}),
  });
  expect(newRoom).toMatch(/^![A-Za-z0-9_-]{43}$/);
  expect(await contentIn(newRoom, 'm.room.create', upgrader)).toEqual({
    room_version: '12',
    predecessor: { room_id: roomId },
    ...(creators.length > 0 ? { additional_creators: creators } : {}),
  });
  const levels = await contentIn(newRoom, 'm.room.power_levels', upgrader);
  expect(levels.users).toEqual(expected);
  expect(levels.events).toMatchObject({ 'm.room.tombstone': 150 });
});

test('from version 12 its creators stay in charge; who is raised to furnish a room is lowered again', async () => {
  const { roomId, path } = await createRoom(alice, {
    preset: 'public_chat',
    creation_content: { additional_creators: [carol] },
    power_level_content_override: {
      users: { [bob]: 60 },
      events: { 'm.room.tombstone': 55, 'm.room.name': 80 },
    },
    name: 'High',
  });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  await call(alice, 'PUT', `${path}/state/m.room.join_rules`, {
    join_rule: 'knock_restricted',
    allow: [{ type: 'm.room_membership', room_id: roomId }],
  });
  const newRoom = await upgraded(bob, roomId, { new_version: '9', additional_creators: [bob] });
  expect(await contentIn(newRoom, 'm.room.power_levels', bob)).toMatchObject({
    users: { [alice]: 100, [carol]: 100, [bob]: 60 },
  });
  expect(await contentIn(newRoom, 'm.room.create', bob)).not.toHaveProperty('additional_creators');
  expect(await contentIn(newRoom, 'm.room.name', bob)).toEqual({ name: 'High' });
  expect(await contentIn(newRoom, 'm.room.join_rules', bob)).toMatchObject({ join_rule: 'restricted' });
  const old = await upgraded(bob, newRoom, { new_version: '6' }).catch(() => undefined);
  expect(old).toBeDefined();
  expect(await contentIn(String(old), 'm.room.join_rules', bob)).toMatchObject({ join_rule: 'invite' });
});

test('a space keeps its children', async () => {
  const { roomId, path } = await createRoom(alice, {
    room_version: '11',
    creation_content: { type: 'm.space' },
  });
  await call(alice, 'PUT', `${path}/state/m.space.child/${encodeURIComponent('!a:roost.test')}`, {
    via: ['roost.test'],
  });
  await call(alice, 'PUT', `${path}/state/m.space.child/${encodeURIComponent('!b:roost.test')}`, {});
  const newRoom = await upgraded(alice, roomId, { new_version: '12' });
  expect(await contentIn(newRoom, 'm.space.child', alice, '!a:roost.test')).toEqual({ via: ['roost.test'] });
  expect((await stateContent(alice, newRoom, 'm.space.child', '!b:roost.test')).status).toBe(404);
});

/** Stubs of which the nth call to a room fails, before it is made or after it was carried out. */
function failing(at: number, when: 'before' | 'after'): Stubs {
  const stubs = makeStubs(testEnv);
  let calls = 0;
  return {
    ...stubs,
    room: (roomId) =>
      new Proxy(stubs.room(roomId), {
        get:
          (room, name) =>
          async (...parameters: unknown[]) => {
            const fails = calls++ === at;
            if (fails && when === 'before') throw new Error('cut off');
            const methods = room as unknown as Record<PropertyKey, (...all: unknown[]) => Promise<unknown>>;
            const result = await methods[name]?.(...parameters);
            if (fails) throw new Error('cut off');
            return result;
          },
      }),
  };
}

test('an upgrade that is cut off at any step is finished by the next attempt, with one new room', async () => {
  const config = readConfig(testEnv);
  const db = openD1(testEnv.DB, false);
  let cuts = 0;
  for (const when of ['before', 'after'] as const) {
    for (let at = 0; at < 20; at += 1) {
      const name = `cut-${when}-${at}`;
      const { roomId } = await createRoom(alice, { room_version: '10', room_alias_name: name });
      const request = { roomId: roomId as never, upgrader: alice, versionId: '12', additionalCreators: [] };
      const stubs = failing(at, when);
      const first = await upgradeRoom({ db, env: testEnv, config, stubs }, request, Date.now()).catch(
        () => undefined,
      );
      if (first) break;
      cuts += 1;
      const begun = await testEnv.DB.prepare('SELECT new_room_id FROM room_upgrades WHERE old_room_id = ?')
        .bind(roomId)
        .first<{ new_room_id: string }>();
      const newRoom = await upgraded(alice, roomId, { new_version: '12' });
      if (begun) expect(newRoom).toBe(begun.new_room_id);
      const tombstones = await call(
        alice,
        'GET',
        `${roomPath(roomId)}/messages?dir=b&limit=50&filter=${encodeURIComponent('{"types":["m.room.tombstone"]}')}`,
      );
      expect(tombstones.body.chunk).toHaveLength(1);
      expect(await contentIn(newRoom, 'm.room.canonical_alias')).toEqual({ alias: `#${name}:roost.test` });
      expect(await contentIn(roomId, 'm.room.canonical_alias')).toEqual({});
      expect(await contentIn(roomId, 'm.room.power_levels')).toMatchObject({ events_default: 50 });
    }
  }
  // Source twice, room, tombstone, two aliases, power levels; each before and after.
  expect(cuts).toBe(14);
});

test('those who were in the old room are not in the new one until they join', async () => {
  const { roomId } = await createRoom(alice, { room_version: '11', preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  const newRoom = await upgraded(alice, roomId, { new_version: '12' });
  expect((await call(bob, 'GET', `${roomPath(newRoom)}/joined_members`)).status).toBe(403);
  expect((await call(bob, 'POST', `/v3/join/${encodeURIComponent(newRoom)}`, {})).status).toBe(200);
  await knowsOf(bob, newRoom);
});
