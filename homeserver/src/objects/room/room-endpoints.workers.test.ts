import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import schema from '../../../../migrations/d1/homeserver/0001_init.sql';

const worker = (exports as unknown as { default: Fetcher }).default;
const bot = '@testbot:roost.test';
const ghost = '@_test_ghost:roost.test';

/** A request of the application service, as its bot or as one of its users. */
async function call(
  method: string,
  path: string,
  body?: JsonObject,
  userId = bot,
): Promise<{ status: number; body: Record<string, never> & JsonObject }> {
  const url = new URL(`https://roost.test/_matrix/client${path}`);
  url.searchParams.set('user_id', userId);
  const response = await worker.fetch(
    new Request(url, {
      method,
      headers: { authorization: 'Bearer test-as-token' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, body: (await response.json()) as never };
}

async function createRoom(body: JsonObject = {}): Promise<string> {
  const created = await call('POST', '/v3/createRoom', body);
  expect(created).toMatchObject({ status: 200 });
  return encodeURIComponent(created.body.room_id as unknown as string);
}

beforeAll(async () => {
  // Transactions of the application service go nowhere.
  vi.stubGlobal('fetch', async () => Response.json({}));
  const { DB } = env as unknown as { DB: D1Database };
  await DB.batch(
    schema
      .split(';')
      .filter((statement) => statement.trim() !== '')
      .map((statement) => DB.prepare(statement)),
  );
  await DB.prepare("INSERT INTO accounts (user_id, appservice_id, created_ms) VALUES (?, 'test', 0)")
    .bind(ghost)
    .run();
  await DB.prepare("INSERT INTO profile_fields VALUES (?, 'displayname', '\"Casper\"')").bind(ghost).run();
  // The first request loads the whole Worker, which takes a while on a busy machine.
  await worker.fetch('https://roost.test/_matrix/client/versions');
}, 60_000);

test('a room lives from creation to being forgotten', async () => {
  const room = await createRoom({ name: 'Parlour', topic: 'Tea', preset: 'private_chat', invite: [ghost] });
  expect(await call('GET', `/v3/rooms/${room}/state/m.room.name`)).toMatchObject({
    body: { name: 'Parlour' },
  });
  expect(await call('GET', `/v3/rooms/${room}/state/m.room.topic/?format=event`)).toMatchObject({
    body: { type: 'm.room.topic', content: { topic: 'Tea' } },
  });
  expect(await call('GET', `/v3/rooms/${room}/messages?dir=b`, undefined, ghost)).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  expect(await call('POST', `/v3/rooms/${room}/join`, {}, ghost)).toMatchObject({ status: 200 });
  expect(await call('POST', `/v3/join/${room}`, {}, ghost)).toMatchObject({ status: 200 });
  const sent = await call('PUT', `/v3/rooms/${room}/send/m.room.message/t1?ts=1000`, { body: 'hi' }, ghost);
  expect(await call('PUT', `/v3/rooms/${room}/send/m.room.message/t1`, { body: 'hi' }, ghost)).toEqual(sent);
  const eventId = sent.body.event_id as unknown as string;
  expect(
    await call('GET', `/v3/rooms/${room}/event/${encodeURIComponent(eventId)}`, undefined, ghost),
  ).toMatchObject({
    body: {
      event_id: eventId,
      origin_server_ts: 1000,
      sender: ghost,
      content: { body: 'hi' },
      unsigned: { transaction_id: 't1' },
    },
  });
  expect(await call('GET', `/v3/rooms/${room}/joined_members`)).toMatchObject({
    body: { joined: { [ghost]: { display_name: 'Casper' } } },
  });
  expect(await call('POST', `/v3/rooms/${room}/invite`, { user_id: ghost })).toMatchObject({ status: 403 });
  expect(await call('POST', `/v3/rooms/${room}/kick`, { user_id: ghost, reason: 'late' })).toMatchObject({
    status: 200,
  });
  expect(await call('POST', `/v3/rooms/${room}/kick`, { user_id: ghost })).toMatchObject({ status: 403 });
  expect(await call('GET', `/v3/rooms/${room}/members?membership=leave`, undefined, ghost)).toMatchObject({
    body: { chunk: [{ state_key: ghost, content: { reason: 'late' } }] },
  });
});

test('ghosts know the rooms that they joined', async () => {
  const room = decodeURIComponent(await createRoom({ preset: 'public_chat' }));
  await call('POST', `/v3/join/${encodeURIComponent(room)}`, {}, ghost);
  const joined = async () => (await call('GET', '/v3/joined_rooms', undefined, ghost)).body.joined_rooms;
  await vi.waitFor(async () => expect(await joined()).toContain(room), { interval: 5, timeout: 15_000 });
  await call('POST', `/v3/rooms/${encodeURIComponent(room)}/leave`, {}, ghost);
  await vi.waitFor(async () => expect(await joined()).not.toContain(room), { interval: 5, timeout: 15_000 });
});

test('equal rooms made in the same moment are different rooms', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  const rooms = await Promise.all(Array.from({ length: 5 }, () => createRoom({ name: 'Twin' })));
  vi.mocked(Date.now).mockRestore();
  expect(new Set(rooms).size).toBe(5);
});

test('pagination tokens lead from page to page, both ways', async () => {
  const room = await createRoom();
  for (let index = 0; index < 5; index += 1) {
    await call('PUT', `/v3/rooms/${room}/send/m.room.message/${index}`, { body: `n${index}` });
  }
  const filter = encodeURIComponent('{"types":["m.room.message"]}');
  const first = await call('GET', `/v3/rooms/${room}/messages?dir=b&limit=2&filter=${filter}`);
  expect(first.body).toMatchObject({ chunk: [{ content: { body: 'n4' } }, { content: { body: 'n3' } }] });
  const second = await call(
    'GET',
    `/v3/rooms/${room}/messages?dir=b&limit=10&filter=${filter}&from=${String(first.body.end)}`,
  );
  expect(second.body).toMatchObject({
    chunk: [{ content: { body: 'n2' } }, { content: { body: 'n1' } }, { content: { body: 'n0' } }],
  });
  // The filter hides how the room begins: only the page behind says that nothing more comes.
  const last = await call(
    'GET',
    `/v3/rooms/${room}/messages?dir=b&filter=${filter}&from=${String(second.body.end)}`,
  );
  expect(last.body).toMatchObject({ chunk: [] });
  expect(last.body.end).toBeUndefined();
  const back = await call('GET', `/v3/rooms/${room}/messages?dir=f&limit=1&from=${String(first.body.end)}`);
  expect(back.body).toMatchObject({ chunk: [{ content: { body: 'n3' } }] });
  expect(await call('GET', `/v3/rooms/${room}/messages?dir=x`)).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
});

test('redaction empties the event for everyone and says why', async () => {
  const room = await createRoom();
  const sent = await call('PUT', `/v3/rooms/${room}/send/m.room.message/1`, { body: 'oops' });
  const path = `/v3/rooms/${room}/event/${encodeURIComponent(String(sent.body.event_id))}`;
  const redact = `/v3/rooms/${room}/redact/${encodeURIComponent(String(sent.body.event_id))}/2`;
  const redaction = await call('PUT', redact, { reason: 'typo' });
  expect(redaction.status).toBe(200);
  expect((await call('GET', path)).body).toMatchObject({
    content: {},
    unsigned: {
      redacted_because: {
        event_id: redaction.body.event_id,
        redacts: sent.body.event_id,
        content: { reason: 'typo', redacts: sent.body.event_id },
      },
    },
  });
});

test('aliases and the directory', async () => {
  const room = await createRoom({ room_alias_name: 'square', visibility: 'public', name: 'Square' });
  const alias = encodeURIComponent('#square:roost.test');
  expect(await call('GET', `/v3/directory/room/${alias}`)).toMatchObject({
    body: { room_id: decodeURIComponent(room), servers: ['roost.test'] },
  });
  expect(await call('POST', '/v3/createRoom', { room_alias_name: 'square' })).toMatchObject({
    status: 400,
    body: { errcode: 'M_ROOM_IN_USE' },
  });
  expect(await call('POST', `/v3/join/${alias}`, {}, ghost)).toMatchObject({ status: 200 });
  expect(await call('GET', '/v3/publicRooms')).toMatchObject({
    body: {
      chunk: [{ name: 'Square', num_joined_members: 2, canonical_alias: '#square:roost.test' }],
    },
  });
  expect(await call('GET', `/v1/room_summary/${alias}`)).toMatchObject({
    body: { join_rule: 'public', membership: 'join', room_version: '12' },
  });
  const other = encodeURIComponent('#plaza:roost.test');
  const target = { room_id: decodeURIComponent(room) };
  expect(await call('PUT', `/v3/directory/room/${other}`, target)).toMatchObject({ status: 200 });
  expect(await call('PUT', `/v3/directory/room/${other}`, target)).toMatchObject({ status: 409 });
  expect(await call('GET', `/v3/rooms/${room}/aliases`)).toMatchObject({
    body: { aliases: ['#plaza:roost.test', '#square:roost.test'] },
  });
  expect(await call('DELETE', `/v3/directory/room/${other}`, undefined, ghost)).toMatchObject({
    status: 403,
  });
  expect(await call('DELETE', `/v3/directory/room/${other}`)).toMatchObject({ status: 200 });
  expect(
    await call('PUT', `/v3/rooms/${room}/state/m.room.canonical_alias`, { alias: '#plaza:roost.test' }),
  ).toMatchObject({ status: 400, body: { errcode: 'M_BAD_ALIAS' } });
});

test('hostile input is refused and leaves nothing behind', async () => {
  const refused: [JsonObject, string][] = [
    [{ room_version: '99' }, 'M_UNSUPPORTED_ROOM_VERSION'],
    [{ room_version: '13' }, 'M_UNSUPPORTED_ROOM_VERSION'],
    [{ creation_content: { pi: 3.14 } }, 'M_BAD_JSON'],
    [{ initial_state: [{ type: 'm.room.create', content: {} }] }, 'M_INVALID_ROOM_STATE'],
    [{ power_level_content_override: { users: { [bot]: 100 } } }, 'M_INVALID_ROOM_STATE'],
    [{ room_alias_name: 'a:b' }, 'M_BAD_JSON'],
    [{ invite: ['nobody'] }, 'M_BAD_JSON'],
    [{ invite: ['@nobody:roost.test'] }, 'M_NOT_FOUND'],
    [{ name: 'x'.repeat(70_000), room_alias_name: 'huge' }, 'M_TOO_LARGE'],
  ];
  for (const [body, errcode] of refused) {
    expect((await call('POST', '/v3/createRoom', body)).body.errcode).toBe(errcode);
  }
  expect(await call('GET', `/v3/directory/room/${encodeURIComponent('#huge:roost.test')}`)).toMatchObject({
    status: 404,
  });
  expect(await call('PUT', '/v3/rooms/nonsense/send/m.room.message/1', {})).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
  const unknown = encodeURIComponent('!unknown:roost.test');
  expect(await call('PUT', `/v3/rooms/${unknown}/send/m.room.message/1`, {})).toMatchObject({ status: 403 });
  expect(await call('POST', `/v3/join/${unknown}`, {})).toMatchObject({ status: 404 });
});
