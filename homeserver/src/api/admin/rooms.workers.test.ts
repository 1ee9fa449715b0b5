import { runDurableObjectAlarm } from 'cloudflare:test';
import * as v from 'valibot';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { call, registerUser, type Signed } from '../../../../test/harness/homeserver-worker.ts';
import {
  admin,
  as,
  enc,
  makeRoom,
  owner,
  say,
  testEnv,
  useAdministration,
  user,
} from './testing/administration.ts';

useAdministration();

const rooms = (query = '') => admin('GET', `/v1/rooms${query}`);
const at = (roomId: string) => `/v1/rooms/${enc(roomId)}`;
const idsOf = (body: Record<string, unknown>) =>
  (body.rooms as { room_id: string }[]).map(({ room_id: roomId }) => roomId);

/** The room writes its row some seconds after a change; here at once. */
async function indexed(roomId: string, laterMs = 60_000): Promise<string> {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + laterMs);
  await runDurableObjectAlarm(testEnv.ROOMS.getByName(roomId) as unknown as DurableObjectStub);
  clock.mockRestore();
  return roomId;
}

const text = v.nullable(v.string());

/** What Element Admin takes an entry for, as strictly. */
const entry = v.object({
  room_id: v.string(),
  name: text,
  canonical_alias: text,
  joined_members: v.number(),
  joined_local_members: v.number(),
  version: v.string(),
  creator: v.string(),
  encryption: text,
  federatable: v.boolean(),
  public: v.boolean(),
  join_rules: text,
  guest_access: text,
  history_visibility: text,
  state_events: v.number(),
  room_type: text,
});
const details = v.object({
  ...entry.entries,
  topic: text,
  avatar: text,
  joined_local_devices: v.number(),
  forgotten: v.boolean(),
});

describe('the list of rooms', () => {
  let alpha: string;
  let beta: string;
  let space: string;

  beforeAll(async () => {
    alpha = await indexed(
      await makeRoom(user, {
        name: 'alpha list',
        preset: 'public_chat',
        visibility: 'public',
        room_alias_name: 'alpha',
      }),
    );
    beta = await makeRoom(user, {
      name: 'Beta list',
      initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
    });
    await as(user, 'POST', `/v3/rooms/${enc(beta)}/invite`, { user_id: owner.userId });
    await as(owner, 'POST', `/v3/rooms/${enc(beta)}/join`, {});
    await indexed(beta);
    space = await indexed(
      await makeRoom(user, { name: 'gamma list', creation_content: { type: 'm.space' } }),
    );
  });

  test('shows what a room has become', async () => {
    const { body } = await rooms('?search_term=LIST');
    expect(body).toMatchObject({ offset: 0, total_rooms: 3 });
    expect(idsOf(body)).toEqual([alpha, beta, space]);
    for (const room of body.rooms as unknown[]) v.parse(entry, room);
    expect(body.rooms).toMatchObject([
      {
        name: 'alpha list',
        canonical_alias: '#alpha:roost.test',
        public: true,
        join_rules: 'public',
        joined_members: 1,
      },
      {
        name: 'Beta list',
        public: false,
        encryption: 'm.megolm.v1.aes-sha2',
        joined_members: 2,
        joined_local_members: 2,
      },
      { name: 'gamma list', room_type: 'm.space', creator: user.userId, federatable: true },
    ]);
    await as(user, 'PUT', `/v3/rooms/${enc(alpha)}/state/m.room.name/`, { name: 'omega list' });
    await indexed(alpha);
    expect(idsOf((await rooms('?search_term=list')).body)).toEqual([beta, space, alpha]);
    await as(user, 'PUT', `/v3/rooms/${enc(alpha)}/state/m.room.name/`, { name: 'alpha list' });
    await indexed(alpha);
  });

  test('a message changes nothing in it, and costs no work', async () => {
    await indexed(alpha);
    await testEnv.DB.prepare("UPDATE room_index SET topic = 'not written anew' WHERE room_id = ?")
      .bind(alpha)
      .run();
    await say(user, alpha, { msgtype: 'm.text', body: 'x' });
    await indexed(alpha);
    const row = await testEnv.DB.prepare('SELECT topic FROM room_index WHERE room_id = ?')
      .bind(alpha)
      .first();
    expect(row).toEqual({ topic: 'not written anew' });
  });

  test('comes later if its database is away', async () => {
    const rename = (from: string, to: string) =>
      testEnv.DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
    await as(user, 'PUT', `/v3/rooms/${enc(alpha)}/state/m.room.topic/`, { topic: 'kept for later' });
    const topic = async () =>
      (await testEnv.DB.prepare('SELECT topic FROM room_index WHERE room_id = ?').bind(alpha).first())?.topic;
    await rename('room_index', 'away');
    await indexed(alpha);
    await rename('away', 'room_index');
    expect(await topic()).not.toBe('kept for later');
    await indexed(alpha, 10 * 60_000);
    expect(await topic()).toBe('kept for later');
  });

  test('has pages, orders and filters', async () => {
    const first = await rooms('?search_term=list&limit=2');
    expect(first.body).toMatchObject({ next_batch: 2 });
    const second = await rooms('?search_term=list&limit=2&from=2');
    expect(second.body).toMatchObject({ offset: 2, prev_batch: 0 });
    expect(second.body.next_batch).toBeUndefined();
    expect([...idsOf(first.body), ...idsOf(second.body)]).toEqual([alpha, beta, space]);
    expect((await rooms('?limit=0')).body).toMatchObject({ rooms: [], total_rooms: 3 });
    expect(idsOf((await rooms('?order_by=joined_members')).body)[0]).toBe(beta);
    expect(idsOf((await rooms('?order_by=size&dir=b')).body).at(-1)).toBe(beta);
    expect(idsOf((await rooms('?public_rooms=true')).body)).toEqual([alpha]);
    expect(idsOf((await rooms('?public_rooms=false')).body)).toEqual([beta, space]);
    expect(idsOf((await rooms('?empty_rooms=true')).body)).toEqual([]);
    expect(idsOf((await rooms(`?search_term=${enc(space)}`)).body)).toEqual([space]);
    for (const order of [
      'name alphabetical canonical_alias version creator encryption federatable public join_rules',
      'guest_access history_visibility state_events joined_local_members',
    ]
      .join(' ')
      .split(' ')) {
      expect(idsOf((await rooms(`?order_by=${order}`)).body), order).toHaveLength(3);
    }
    expect((await rooms('?order_by=topic')).body.errcode).toBe('M_INVALID_PARAM');
  });

  test('a room tells more of itself', async () => {
    const { body } = await admin('GET', at(beta));
    v.parse(details, body);
    expect(body).toMatchObject({ room_id: beta, joined_local_devices: 2, forgotten: false });
    expect((await admin('GET', `${at(beta)}/members`)).body).toEqual({
      members: [user.userId, owner.userId],
      total: 2,
    });
    const { state } = (await admin('GET', `${at(beta)}/state?type=m.room.name`)).body;
    expect(state).toMatchObject([{ type: 'm.room.name', state_key: '', content: { name: 'Beta list' } }]);
    const all = (await admin('GET', `${at(beta)}/state`)).body.state as unknown[];
    expect(all.length).toBe(body.state_events);
    const { rooms: largest } = (await admin('GET', '/v1/statistics/database/rooms')).body;
    expect(largest).toContainEqual({ room_id: beta, estimated_size: expect.any(Number) });
    const { results, count } = (await admin('GET', `${at(beta)}/forward_extremities`)).body;
    expect({ count, results }).toEqual({
      count: 1,
      results: [
        {
          event_id: expect.stringMatching(/^\$/),
          depth: expect.any(Number),
          received_ts: expect.any(Number),
          state_group: null,
        },
      ],
    });
  });

  test('a space shows its rooms, also those that one may not see', async () => {
    const via = { via: ['roost.test'] };
    await as(user, 'PUT', `/v3/rooms/${enc(space)}/state/m.space.child/${enc(beta)}`, via);
    const { body } = await admin('GET', `${at(space)}/hierarchy`);
    expect(idsOf(body)).toEqual([space, beta]);
    expect(body.rooms).toMatchObject([{ children_state: [{ state_key: beta }], num_joined_members: 1 }, {}]);
  });
});

test('rooms that do not exist are not found', async () => {
  const nowhere = '!nowhere:roost.test';
  for (const path of [
    '',
    '/members',
    '/state',
    '/messages',
    '/hierarchy',
    '/forward_extremities',
    '/context/$x',
    '/timestamp_to_event?ts=1',
  ]) {
    expect((await admin('GET', at(nowhere) + path)).status, path).toBe(404);
  }
  expect((await admin('DELETE', `/v2/rooms/${enc(nowhere)}`, {})).body.errcode).toBe('M_NOT_FOUND');
  expect((await admin('GET', at('nonsense'))).body.errcode).toBe('M_INVALID_PARAM');
});

describe('in a room that the administrator is not in', () => {
  let roomId: string;
  let said: string[];

  beforeAll(async () => {
    roomId = await makeRoom(user, {
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    });
    said = [];
    for (const body of ['one', 'two', 'three'])
      said.push(await say(user, roomId, { msgtype: 'm.text', body }));
  });

  test('what was said is read in pages, and in its context', async () => {
    expect((await as(owner, 'GET', `/v3/rooms/${enc(roomId)}/messages?dir=b`)).status).toBe(403);
    const page = await admin('GET', `${at(roomId)}/messages?dir=b&limit=2&from=`);
    const ids = (chunk: unknown) => (chunk as { event_id: string }[]).map(({ event_id: id }) => id);
    expect(ids(page.body.chunk)).toEqual([said[2], said[1]]);
    const next = await admin('GET', `${at(roomId)}/messages?dir=b&limit=1&from=${page.body.end}`);
    expect(ids(next.body.chunk)).toEqual([said[0]]);
    const filter = enc(JSON.stringify({ types: ['m.room.create'] }));
    const first = await admin('GET', `${at(roomId)}/messages?filter=${filter}`);
    expect(first.body.chunk).toMatchObject([{ type: 'm.room.create' }]);
    const context = await admin('GET', `${at(roomId)}/context/${enc(said[1] ?? '')}?limit=2`);
    expect(context.body).toMatchObject({
      event: { content: { body: 'two' } },
      events_before: [{ event_id: said[0] }],
      events_after: [{ event_id: said[2] }],
      state: expect.any(Array),
    });
    const found = await admin('GET', `${at(roomId)}/timestamp_to_event?ts=0&dir=f`);
    expect(found.body).toEqual({ event_id: expect.any(String), origin_server_ts: expect.any(Number) });
    expect((await admin('GET', `${at(roomId)}/messages?from=x`)).body.errcode).toBe('M_INVALID_PARAM');
  });

  test('the administrator is given power by a member who has it', async () => {
    expect((await admin('POST', `${at(roomId)}/make_room_admin`, {})).body).toEqual({});
    const { state } = (await admin('GET', `${at(roomId)}/state?type=m.room.power_levels`)).body;
    expect(state).toMatchObject([{ sender: user.userId, content: { users: { [owner.userId]: 100 } } }]);
    expect((await as(owner, 'POST', `/v3/rooms/${enc(roomId)}/join`, {})).status).toBe(200);
    await as(owner, 'POST', `/v3/rooms/${enc(roomId)}/leave`, {});
  });

  test('nobody has power to give where all have left', async () => {
    const empty = await makeRoom(user, { preset: 'public_chat' });
    await as(user, 'POST', `/v3/rooms/${enc(empty)}/leave`, {});
    expect((await admin('POST', `${at(empty)}/make_room_admin`, {})).body.errcode).toBe('M_FORBIDDEN');
    expect((await admin('GET', at(empty))).body).toMatchObject({ joined_members: 0, forgotten: false });
    await as(user, 'POST', `/v3/rooms/${enc(empty)}/forget`, {});
    expect((await admin('GET', at(empty))).body.forgotten).toBe(true);
  });
});

test('a user is brought into a room, by an invitation if it takes one', async () => {
  const open = await makeRoom(owner, { preset: 'public_chat' });
  const closed = await makeRoom(owner);
  const foreign = await makeRoom(user);
  const other = await registerUser('joiner');
  const join = (roomId: string, userId = other.userId) =>
    admin('POST', `/v1/join/${enc(roomId)}`, { user_id: userId });
  expect((await join(open)).body).toEqual({ room_id: open });
  expect((await join(closed)).body).toEqual({ room_id: closed });
  expect((await join(foreign)).status).toBe(403);
  expect((await join(open, '@nobody:roost.test')).status).toBe(404);
  expect((await admin('GET', `${at(closed)}/members`)).body.members).toContain(other.userId);
});

describe('a room that is blocked', () => {
  let roomId: string;
  let late: Signed;

  beforeAll(async () => {
    roomId = await makeRoom(user, { preset: 'public_chat' });
    late = await registerUser('late');
  });

  const enter = (method: string, path: string, body: object = {}) => as(late, method, path, body);

  test('lets nobody in by any way, until the block is lifted', async () => {
    expect((await admin('GET', `${at(roomId)}/block`)).body).toEqual({ block: false });
    expect((await admin('PUT', `${at(roomId)}/block`, { block: true })).body).toEqual({ block: true });
    expect((await admin('GET', `${at(roomId)}/block`)).body).toEqual({ block: true, user_id: owner.userId });
    const member = `/v3/rooms/${enc(roomId)}/state/m.room.member/${enc(late.userId)}`;
    for (const [method, path, body] of [
      ['POST', `/v3/join/${enc(roomId)}`],
      ['POST', `/v3/rooms/${enc(roomId)}/join`],
      ['POST', `/v3/knock/${enc(roomId)}`],
      ['PUT', member, { membership: 'join' }],
      ['PUT', `${member}?org.matrix.msc4140.delay=1000`, { membership: 'join' }],
    ] as const) {
      expect(await enter(method, path, body), path).toMatchObject({
        status: 403,
        body: { error: 'This room has been blocked on this server' },
      });
    }
    expect(await say(user, roomId, { msgtype: 'm.text', body: 'x' })).toMatch(/^\$/);
    await admin('PUT', `${at(roomId)}/block`, { block: false });
    expect((await enter('POST', `/v3/join/${enc(roomId)}`)).status).toBe(200);
  });

  test('may be one that nobody here has ever seen', async () => {
    const unknown = '!somewhere:elsewhere.test';
    await admin('PUT', `${at(unknown)}/block`, { block: true });
    expect((await enter('POST', `/v3/rooms/${enc(unknown)}/join`)).body.errcode).toBe('M_FORBIDDEN');
  });
});

describe('a room that is deleted', () => {
  const remove = (roomId: string, body: object) => admin('DELETE', `/v2/rooms/${enc(roomId)}`, body);

  test('is gone with its row and aliases, and stays blocked', async () => {
    const roomId = await indexed(await makeRoom(user, { preset: 'public_chat', room_alias_name: 'doomed' }));
    expect((await remove(roomId, { new_room_user_id: owner.userId })).body.errcode).toBe('M_INVALID_PARAM');
    const { delete_id: id } = (await remove(roomId, { block: true, purge: true, force_purge: false })).body;
    const status = await admin('GET', `/v2/rooms/delete_status/${id}`);
    expect(status.body).toEqual({
      status: 'complete',
      shutdown_room: {
        kicked_users: [user.userId],
        failed_to_kick_users: [],
        local_aliases: ['#doomed:roost.test'],
        new_room_id: null,
      },
    });
    const byRoom = await admin('GET', `/v2/rooms/${enc(roomId)}/delete_status`);
    expect(byRoom.body.results).toEqual([{ delete_id: id, ...status.body }]);
    expect((await admin('GET', at(roomId))).status).toBe(404);
    expect(idsOf((await rooms('?search_term=doomed')).body)).toEqual([]);
    expect((await call('GET', `/v3/directory/room/${enc('#doomed:roost.test')}`)).status).toBe(404);
    expect((await as(user, 'POST', `/v3/rooms/${enc(roomId)}/join`, {})).body.errcode).toBe('M_FORBIDDEN');
    expect((await admin('GET', `/v2/rooms/${enc('!other:roost.test')}/delete_status`)).status).toBe(404);
    expect((await admin('GET', '/v2/rooms/delete_status/none')).status).toBe(404);
  });

  test('is only left by its users if it is not to be purged', async () => {
    const roomId = await makeRoom(user);
    await remove(roomId, { purge: false });
    expect((await admin('GET', `${at(roomId)}/members`)).body).toEqual({ members: [], total: 0 });
  });
});

test('history is purged up to a time, if all of it may go', async () => {
  const roomId = await makeRoom(user);
  const purge = (body: object) => admin('POST', `/v1/purge_history/${enc(roomId)}`, body);
  expect((await purge({ purge_up_to_ts: 1 })).body.errcode).toBe('M_INVALID_PARAM');
  expect((await purge({ delete_local_events: true })).body.errcode).toBe('M_INVALID_PARAM');
  const { purge_id: id } = (await purge({ delete_local_events: true, purge_up_to_ts: 1 })).body;
  expect((await admin('GET', `/v1/purge_history_status/${id}`)).body).toEqual({ status: 'complete' });
  const event = await say(user, roomId, { msgtype: 'm.text', body: 'x' });
  const byEvent = await admin('POST', `/v1/purge_history/${enc(roomId)}/${enc(event)}`, {
    delete_local_events: true,
  });
  expect(byEvent.body.purge_id).toEqual(expect.any(String));
  expect((await admin('GET', '/v1/purge_history_status/none')).status).toBe(404);
});
