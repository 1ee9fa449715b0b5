import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { readConfig } from '../../../config.ts';
import { makeStubs } from '../../../objects/stubs.ts';
import { createRoom as makeRoom } from '../../../services/create-room.ts';
import {
  alice,
  bob,
  call,
  carol,
  createRoom,
  roomPath,
  setUpPeople,
  stateContent,
  testEnv,
} from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const contentIn = async (roomId: string, type: string, key = '') =>
  (await stateContent(alice, roomId, type, key)).body;

test.each([
  ['private_chat', 'invite', 'can_join'],
  ['trusted_private_chat', 'invite', 'can_join'],
  ['public_chat', 'public', 'forbidden'],
])('the preset %s', async (preset, joinRule, guestAccess) => {
  const { roomId } = await createRoom(alice, { preset, invite: [bob], room_version: '11', is_direct: true });
  expect(await contentIn(roomId, 'm.room.join_rules')).toEqual({ join_rule: joinRule });
  expect(await contentIn(roomId, 'm.room.guest_access')).toEqual({ guest_access: guestAccess });
  expect(await contentIn(roomId, 'm.room.history_visibility')).toEqual({ history_visibility: 'shared' });
  expect(await contentIn(roomId, 'm.room.member', bob)).toMatchObject({
    membership: 'invite',
    is_direct: true,
  });
  const users = preset === 'trusted_private_chat' ? { [alice]: 100, [bob]: 100 } : { [alice]: 100 };
  expect(await contentIn(roomId, 'm.room.power_levels')).toMatchObject({ users });
});

test('initial state stands above the preset and below name and topic', async () => {
  const { roomId } = await createRoom(alice, {
    name: 'N',
    topic: 'T',
    room_version: '11',
    creation_content: { room_version: '1', creator: bob, 'm.federate': false, 'org.example': 1 },
    power_level_content_override: { events_default: 10 },
    initial_state: [
      { type: 'm.room.name', content: { name: 'other' } },
      { type: 'm.room.topic', content: { topic: 'other' } },
      { type: 'm.room.join_rules', content: { join_rule: 'knock' } },
      { type: 'org.example', state_key: 'k', content: { a: 1 } },
    ],
  });
  expect(await contentIn(roomId, 'm.room.create')).toEqual({
    room_version: '11',
    'm.federate': false,
    'org.example': 1,
  });
  expect(await contentIn(roomId, 'm.room.name')).toEqual({ name: 'N' });
  expect(await contentIn(roomId, 'm.room.topic')).toEqual({
    topic: 'T',
    'm.topic': { 'm.text': [{ body: 'T', mimetype: 'text/plain' }] },
  });
  expect(await contentIn(roomId, 'm.room.join_rules')).toEqual({ join_rule: 'knock' });
  expect(await contentIn(roomId, 'org.example', 'k')).toEqual({ a: 1 });
  expect(await contentIn(roomId, 'm.room.power_levels')).toMatchObject({ events_default: 10, ban: 50 });
});

test('creators of version 12 come from the request and from the invitations', async () => {
  const trusted = { preset: 'trusted_private_chat', room_version: '12' };
  const both = await createRoom(alice, {
    ...trusted,
    invite: [bob],
    creation_content: { additional_creators: [carol, bob] },
  });
  expect((await contentIn(both.roomId, 'm.room.create')).additional_creators).toEqual([carol, bob]);
  expect(await contentIn(both.roomId, 'm.room.power_levels')).toMatchObject({
    users: {},
    events: { 'm.room.tombstone': 150 },
  });
  const foreign = { additional_creators: ['@foo:example.com', '@bar:baz.code'] };
  await createRoom(alice, { room_version: '12', creation_content: foreign });
});

test.each<[string, JsonObject, string]>([
  ['creators that are no list', { creation_content: { additional_creators: 'x' } }, 'M_BAD_JSON'],
  [
    'creators, trusted',
    { preset: 'trusted_private_chat', creation_content: { additional_creators: 'x' } },
    'M_BAD_JSON',
  ],
  ['creators that are no texts', { creation_content: { additional_creators: ['@a:b.c', 4] } }, 'M_BAD_JSON'],
  ['creators that are no users', { creation_content: { additional_creators: ['nobody'] } }, 'M_BAD_JSON'],
  ['creators of no server', { creation_content: { additional_creators: ['@i:dom$ain$.com'] } }, 'M_BAD_JSON'],
  [
    'a level for a creator',
    { power_level_content_override: { users: { [alice]: 100 } } },
    'M_INVALID_ROOM_STATE',
  ],
  ['a type that is no text', { creation_content: { type: 5 } }, 'M_BAD_JSON'],
  ['a predecessor that is no room', { creation_content: { predecessor: { room_id: 'x' } } }, 'M_BAD_JSON'],
  ['federation by text', { creation_content: { 'm.federate': 'no' } }, 'M_BAD_JSON'],
  ['a version that is a number', { room_version: 11 }, 'M_BAD_JSON'],
  ['an unknown version', { room_version: 'ahfgwjyerhgiuveisbruvybseyrugvi' }, 'M_UNSUPPORTED_ROOM_VERSION'],
  ['an unknown preset', { preset: 'loud_chat' }, 'M_BAD_JSON'],
  [
    'no power to name it',
    { name: 'x', room_version: '11', power_level_content_override: { users: { [alice]: 0 } } },
    'M_INVALID_ROOM_STATE',
  ],
  [
    'members in the state',
    { initial_state: [{ type: 'm.room.member', state_key: bob, content: {} }] },
    'M_BAD_JSON',
  ],
  [
    'another alias',
    { initial_state: [{ type: 'm.room.canonical_alias', content: { alias: '#x:roost.test' } }] },
    'M_BAD_ALIAS',
  ],
  [
    'an invitation to an address',
    { invite_3pid: [{ id_server: 'id.test', id_access_token: 'x', medium: 'email', address: 'a@b.c' }] },
    'M_THREEPID_DENIED',
  ],
])('%s: refused, and nothing is left', async (_, body, errcode) => {
  const answer = await call(alice, 'POST', '/v3/createRoom', { ...body, room_alias_name: 'refused' });
  expect(answer.body.errcode).toBe(errcode);
  expect([400, 403]).toContain(answer.status);
  const alias = encodeURIComponent('#refused:roost.test');
  expect((await call(alice, 'GET', `/v3/directory/room/${alias}`)).status).toBe(404);
});

test('what a person has set for a room goes on with its successor', async () => {
  const { roomId, path } = await createRoom(alice, { room_version: '10', preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(roomId)}`, {});
  for (const userId of [alice, bob]) {
    const rules = '/v3/pushrules/global';
    await call(userId, 'PUT', `${rules}/room/${encodeURIComponent(roomId)}`, { actions: [] });
    await call(userId, 'PUT', `${rules}/override/${encodeURIComponent(roomId)}`, {
      actions: [],
      conditions: [{ kind: 'event_match', key: 'room_id', pattern: roomId }],
    });
    const own = `/v3/user/${encodeURIComponent(userId)}`;
    await call(userId, 'PUT', `${own}/rooms/${encodeURIComponent(roomId)}/tags/m.favourite`, { order: 0.5 });
    await call(userId, 'PUT', `${own}/account_data/m.direct`, {
      [carol]: [roomId],
      '@x:y.z': ['!other:y.z'],
    });
  }
  const upgraded = await call(alice, 'POST', `${path}/upgrade`, { new_version: '12' });
  const newRoom = String(upgraded.body.replacement_room);
  expect((await call(bob, 'POST', `/v3/join/${encodeURIComponent(newRoom)}`, {})).status).toBe(200);
  for (const userId of [alice, bob]) {
    const rules = (await call(userId, 'GET', '/v3/pushrules/global/')).body as Record<string, JsonObject[]>;
    expect(rules.room?.map((rule) => rule.rule_id)).toEqual([roomId, newRoom]);
    expect(rules.override).toContainEqual({
      rule_id: newRoom,
      default: false,
      enabled: true,
      actions: [],
      conditions: [{ kind: 'event_match', key: 'room_id', pattern: newRoom }],
    });
    const own = `/v3/user/${encodeURIComponent(userId)}`;
    expect((await call(userId, 'GET', `${own}/rooms/${encodeURIComponent(newRoom)}/tags`)).body).toEqual({
      tags: { 'm.favourite': { order: 0.5 } },
    });
    expect((await call(userId, 'GET', `${own}/account_data/m.direct`)).body).toEqual({
      [carol]: [roomId, newRoom],
      '@x:y.z': ['!other:y.z'],
    });
  }
  const byHand = await createRoom(alice, { creation_content: { predecessor: { room_id: newRoom } } });
  const rules = (await call(alice, 'GET', '/v3/pushrules/global/')).body as Record<string, JsonObject[]>;
  expect(rules.room?.map((rule) => rule.rule_id)).toContain(byHand.roomId);
  expect((await call(alice, 'GET', `${roomPath(byHand.roomId)}/state/m.room.name`)).status).toBe(404);
});

test.each([false, true])(
  'a creation that is cut off (made: %s) leaves an alias only to a room',
  async (isMade) => {
    const config = readConfig(testEnv);
    const stubs = makeStubs(testEnv);
    const cut = {
      ...stubs,
      room: (roomId: string) => {
        const room = stubs.room(roomId);
        return new Proxy(room, {
          get: (_, name) => {
            if (name !== 'create') return (room as unknown as Record<PropertyKey, unknown>)[name];
            return async (input: never) => {
              if (isMade) await room.create(input);
              throw new Error('cut off');
            };
          },
        });
      },
    };
    const request = {
      isPublic: false,
      preset: 'private_chat' as const,
      aliasName: `cut-${isMade}`,
      invite: [],
      isDirect: false,
      initialState: [],
      creationContent: {},
    };
    const parts = { db: openD1(testEnv.DB, false), env: testEnv, config, stubs: cut };
    await expect(makeRoom(parts, alice, request, Date.now())).rejects.toThrow('cut off');
    const alias = encodeURIComponent(`#cut-${isMade}:roost.test`);
    expect((await call(alice, 'GET', `/v3/directory/room/${alias}`)).status).toBe(isMade ? 200 : 404);
  },
);
