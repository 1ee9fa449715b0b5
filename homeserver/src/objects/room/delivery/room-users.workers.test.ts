import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, test, vi } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import schema from '../../../../../migrations/d1/homeserver/0001_init.sql';
import { makeAccessToken } from '../../../api/access-token.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { makeStubs } from '../../stubs.ts';
import { alice, bob, carol } from '../testing/test-room.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const stubs = makeStubs(env as unknown as Env);
const tokens = new Map<UserId, string>();

interface Answer {
  status: number;
  body: JsonObject;
}

/** A request of a person with a session of their own. */
async function call(userId: UserId, method: string, path: string, body?: JsonObject): Promise<Answer> {
  const response = await worker.fetch(
    new Request(`https://roost.test/_matrix/client${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(userId)}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, body: (await response.json()) as JsonObject };
}

async function createRoom(body: JsonObject): Promise<{ roomId: string; path: string }> {
  const created = await call(alice, 'POST', '/v3/createRoom', body);
  expect(created.status).toBe(200);
  const roomId = String(created.body.room_id);
  return { roomId, path: `/v3/rooms/${encodeURIComponent(roomId)}` };
}

/** Waits until the user's own object knows of the room what is asked. */
async function joinedRooms(userId: UserId, isDone: (rooms: string[]) => boolean): Promise<void> {
  await vi.waitFor(
    async () => {
      const { body } = await call(userId, 'GET', '/v3/joined_rooms');
      expect(isDone(body.joined_rooms as string[])).toBe(true);
    },
    { interval: 5, timeout: 3_000 },
  );
}

beforeAll(async () => {
  vi.stubGlobal('fetch', async () => Response.json({}));
  const { DB } = env as unknown as { DB: D1Database };
  await DB.batch(
    schema
      .split(';')
      .filter((statement) => statement.trim() !== '')
      .map((statement) => DB.prepare(statement)),
  );
  for (const userId of [alice, bob, carol]) {
    const accessToken = makeAccessToken(
      userId,
      crypto.getRandomValues(new Uint8Array(32)),
      readConfig(env as unknown as Env),
    );
    await stubs.user(userId).createSession({ accessToken });
    tokens.set(userId, accessToken);
    await DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)').bind(userId).run();
  }
  // The first request loads the whole Worker, which takes a while on a busy machine.
  await worker.fetch('https://roost.test/_matrix/client/versions');
}, 60_000);

test('the list of joined rooms follows joining and leaving', async () => {
  const { roomId, path } = await createRoom({ preset: 'public_chat' });
  expect((await call(bob, 'POST', `${path}/join`)).status).toBe(200);
  await joinedRooms(alice, (rooms) => rooms.includes(roomId));
  await joinedRooms(bob, (rooms) => rooms.includes(roomId));
  expect((await call(bob, 'POST', `${path}/forget`)).status).toBe(400);
  expect((await call(bob, 'POST', `${path}/leave`, { reason: 'bored' })).status).toBe(200);
  await joinedRooms(bob, (rooms) => !rooms.includes(roomId));
  expect((await call(bob, 'POST', `${path}/forget`)).status).toBe(200);
  expect((await call(bob, 'GET', `${path}/messages?dir=b`)).status).toBe(403);
});

test('tokens of /sync are pagination tokens, others are refused', async () => {
  const { path } = await createRoom({});
  await call(alice, 'PUT', `${path}/send/m.room.message/1`, { body: 'seen' });
  let token = '';
  await vi.waitFor(
    async () => {
      const { body } = await call(alice, 'GET', '/v3/sync?timeout=0');
      expect(JSON.stringify(body)).toContain('"seen"');
      token = String(body.next_batch);
    },
    { interval: 5, timeout: 3_000 },
  );
  await call(alice, 'PUT', `${path}/send/m.room.message/2`, { body: 'later' });
  const older = await call(alice, 'GET', `${path}/messages?dir=b&limit=1&from=${encodeURIComponent(token)}`);
  expect(older.body).toMatchObject({ chunk: [{ content: { body: 'seen' } }] });
  const newer = await call(alice, 'GET', `${path}/messages?dir=f&from=${encodeURIComponent(token)}`);
  expect(newer.body).toMatchObject({ chunk: [{ content: { body: 'later' } }] });
  const members = await call(
    alice,
    'GET',
    `${path}/members?at=${encodeURIComponent(token)}&not_membership=leave`,
  );
  expect(members.body).toMatchObject({ chunk: [{ state_key: alice }] });
  expect(await call(alice, 'GET', `${path}/messages?dir=b&from=nonsense`)).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
});

test('a restricted room lets in the members of the room it names', async () => {
  const club = await createRoom({ preset: 'public_chat' });
  const { roomId, path } = await createRoom({
    preset: 'private_chat',
    initial_state: [
      {
        type: 'm.room.join_rules',
        content: {
          join_rule: 'restricted',
          allow: [{ type: 'm.room_membership', room_id: club.roomId }],
        },
      },
    ],
  });
  const claim = { membership: 'join', join_authorised_via_users_server: alice };
  const own = `${path}/state/m.room.member/${encodeURIComponent(carol)}`;
  const summary = `/v1/room_summary/${encodeURIComponent(roomId)}`;
  expect((await call(carol, 'POST', `${path}/join`)).status).toBe(403);
  expect((await call(carol, 'GET', summary)).status).toBe(404);
  expect((await call(carol, 'PUT', own, claim)).status).toBe(403);
  await call(carol, 'POST', `/v3/join/${encodeURIComponent(club.roomId)}`);
  await joinedRooms(carol, (rooms) => rooms.includes(club.roomId));
  expect((await call(carol, 'GET', summary)).body).toMatchObject({ allowed_room_ids: [club.roomId] });
  expect((await call(carol, 'POST', `${path}/join`)).status).toBe(200);
  expect((await call(alice, 'GET', own)).body).toEqual(claim);
});

test('the trusted private chat makes equals of all', async () => {
  const { path } = await createRoom({ preset: 'trusted_private_chat', invite: [bob], is_direct: true });
  expect((await call(alice, 'GET', `${path}/state/m.room.create`)).body).toEqual({
    room_version: '12',
    additional_creators: [bob],
  });
  expect(
    (await call(alice, 'GET', `${path}/state/m.room.member/${encodeURIComponent(bob)}`)).body,
  ).toMatchObject({ membership: 'invite', is_direct: true });
  const older = await createRoom({ preset: 'trusted_private_chat', invite: [bob], room_version: '11' });
  expect((await call(alice, 'GET', `${older.path}/state/m.room.power_levels`)).body).toMatchObject({
    users: { [alice]: 100, [bob]: 100 },
  });
});

test('receipts, read markers and typing are for members; the user says so themselves', async () => {
  const { path } = await createRoom({});
  const sent = await call(alice, 'PUT', `${path}/send/m.room.message/1`, { body: 'read me' });
  const eventId = String(sent.body.event_id);
  const receipt = (type: string, id = eventId) => `${path}/receipt/${type}/${encodeURIComponent(id)}`;
  expect((await call(alice, 'POST', receipt('m.read'), { thread_id: 'main' })).status).toBe(200);
  expect((await call(alice, 'POST', receipt('m.read'), { thread_id: '' })).status).toBe(400);
  expect((await call(alice, 'POST', receipt('m.fully_read'))).status).toBe(200);
  expect((await call(alice, 'POST', receipt('m.other'))).body.errcode).toBe('M_INVALID_PARAM');
  expect((await call(alice, 'POST', receipt('m.read', '$unknown'))).status).toBe(404);
  expect((await call(bob, 'POST', receipt('m.read'))).status).toBe(403);
  const markers = { 'm.fully_read': eventId, 'm.read': eventId, 'm.read.private': eventId };
  expect((await call(alice, 'POST', `${path}/read_markers`, markers)).status).toBe(200);
  const typing = (userId: UserId) => `${path}/typing/${encodeURIComponent(userId)}`;
  expect((await call(alice, 'PUT', typing(alice), { typing: true, timeout: 1000 })).status).toBe(200);
  expect((await call(alice, 'PUT', typing(bob), { typing: true })).status).toBe(403);
  expect((await call(bob, 'PUT', typing(bob), { typing: true })).status).toBe(403);
});

test('users of servers that cannot be reached, and nobody at all, are not invited', async () => {
  const { path } = await createRoom({});
  const invite = (body: JsonObject) => call(alice, 'POST', `${path}/invite`, body);
  expect(await invite({ user_id: '@dave:elsewhere.test' })).toMatchObject({ status: 502 });
  expect(await invite({ user_id: '@nobody:roost.test' })).toMatchObject({ status: 404 });
  expect(
    await invite({ medium: 'email', address: 'a@b.c', id_server: 'x', id_access_token: 'y' }),
  ).toMatchObject({
    status: 403,
    body: { errcode: 'M_THREEPID_DENIED' },
  });
  expect(await invite({})).toMatchObject({ status: 400, body: { errcode: 'M_MISSING_PARAM' } });
  const stranger = encodeURIComponent('@nobody:roost.test');
  expect(
    (await call(alice, 'PUT', `${path}/state/m.room.member/${stranger}`, { membership: 'invite' })).status,
  ).toBe(404);
});

test('who wants no invitations gets none', async () => {
  const { path } = await createRoom({});
  await stubs.user(carol).putAccountData('m.invite_permission_config', { default_action: 'block' });
  expect(await call(alice, 'POST', `${path}/invite`, { user_id: carol })).toMatchObject({
    status: 403,
    body: { errcode: 'M_INVITE_BLOCKED' },
  });
  expect((await call(alice, 'POST', '/v3/createRoom', { invite: [carol] })).body.errcode).toBe(
    'M_INVITE_BLOCKED',
  );
});

test('knocking, and relations over HTTP', async () => {
  const { roomId, path } = await createRoom({
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  });
  const knocked = await call(bob, 'POST', `/v3/knock/${encodeURIComponent(roomId)}`, { reason: 'please' });
  expect(knocked).toEqual({ status: 200, body: { room_id: roomId } });
  expect(
    (await call(alice, 'GET', `${path}/state/m.room.member/${encodeURIComponent(bob)}`)).body,
  ).toMatchObject({ membership: 'knock', reason: 'please' });
  const root = await call(alice, 'PUT', `${path}/send/m.room.message/1`, { body: 'root' });
  const target = String(root.body.event_id);
  const content = { body: 'reply', 'm.relates_to': { rel_type: 'm.thread', event_id: target } };
  await call(alice, 'PUT', `${path}/send/m.room.message/2`, content);
  const relations = `${path.replace('/v3', '/v1')}/relations/${encodeURIComponent(target)}`;
  for (const suffix of ['', '/m.thread', '/m.thread/m.room.message']) {
    expect((await call(alice, 'GET', relations + suffix)).body).toMatchObject({
      chunk: [{ content: { body: 'reply' } }],
    });
  }
  expect((await call(alice, 'GET', `${relations}/m.annotation`)).body).toEqual({ chunk: [] });
});
