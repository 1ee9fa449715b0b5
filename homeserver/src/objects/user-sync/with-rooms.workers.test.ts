import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import schema from '../../../../migrations/d1/homeserver/0001_init.sql';
import { type Json, TestClient } from './testing/test-client.ts';

/** Syncing with the real rooms, over HTTP. */

const client = '/_matrix/client/v3';
let alice: TestClient;
let bob: TestClient;

beforeAll(async () => {
  const { DB } = env as unknown as { DB: D1Database };
  const statements = schema.split(';').filter((statement) => statement.trim() !== '');
  await DB.batch(statements.map((statement) => DB.prepare(statement)));
  alice = await newUser('with-alice');
  bob = await newUser('with-bob');
});

async function newUser(name: string): Promise<TestClient> {
  const { DB } = env as unknown as { DB: D1Database };
  const user = await TestClient.login(name);
  await DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)').bind(user.userId).run();
  return user;
}

async function ok(response: Promise<Response>): Promise<Json> {
  const answer = await response;
  const body: Json = await answer.json();
  expect([answer.status, body]).toEqual([200, expect.anything()]);
  return body;
}

/** Syncs on until an answer has what is looked for. */
async function syncUntil(who: TestClient, isDone: (answer: Json) => unknown, since?: string): Promise<Json> {
  let answer = await who.sync(since === undefined ? {} : { since, timeout: '5000' });
  while (!isDone(answer)) answer = await who.sync({ since: answer.next_batch, timeout: '5000' });
  return answer;
}

const room = async (): Promise<string> => {
  const { room_id } = await ok(
    alice.call('POST', `${client}/createRoom`, { preset: 'public_chat', name: 'Room' }),
  );
  await ok(bob.call('POST', `${client}/join/${encodeURIComponent(room_id)}`, {}));
  await syncUntil(bob, (answer) => answer.rooms?.join?.[room_id]);
  await syncUntil(alice, (answer) => answer.rooms?.join?.[room_id]?.summary?.['m.joined_member_count'] === 2);
  return room_id;
};

const send = (who: TestClient, roomId: string, txnId: string, body: string) =>
  ok(
    who.call('PUT', `${client}/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${txnId}`, {
      msgtype: 'm.text',
      body,
    }),
  );

test('a message reaches a waiting sync and a waiting sliding sync; its sender sees the transaction id', async () => {
  const roomId = await room();
  const { next_batch: since } = await bob.sync();
  const body = { lists: { all: { timeline_limit: 5, ranges: [[0, 19]], required_state: [] } } };
  const { pos } = await bob.sliding(body);
  const v3 = bob.sync({ since, timeout: '10000' });
  const sliding = bob.sliding(body, { pos, timeout: '10000' });
  await bob.untilWaiting();
  const { next_batch } = await alice.sync();
  const { event_id } = await send(alice, roomId, 'txn-1', 'hello');
  const received = (await v3).rooms.join[roomId];
  expect(received.timeline.events).toMatchObject([{ event_id, content: { body: 'hello' } }]);
  expect(received.timeline.events[0].unsigned).not.toHaveProperty('transaction_id');
  expect(received.unread_notifications.notification_count).toBe(1);
  expect((await sliding).rooms[roomId].timeline).toMatchObject([{ event_id }]);
  const own = await syncUntil(
    alice,
    (answer) => answer.rooms?.join?.[roomId]?.timeline.events.length,
    next_batch,
  );
  expect(own.rooms.join[roomId].timeline.events[0].unsigned.transaction_id).toBe('txn-1');

  const read = `${client}/rooms/${encodeURIComponent(roomId)}/receipt/m.read/${encodeURIComponent(event_id)}`;
  await ok(bob.call('POST', read, {}));
  const counted = await syncUntil(
    bob,
    (answer) => answer.rooms?.join?.[roomId]?.unread_notifications.notification_count === 0,
    since,
  );
  expect(counted.rooms.join[roomId].ephemeral.events[0].type).toBe('m.receipt');
});

test('without lazy loading a first sync has every member, of either kind', async () => {
  const { room_id: roomId } = await ok(
    alice.call('POST', `${client}/createRoom`, { preset: 'public_chat', name: 'Crowd' }),
  );
  const join = `${client}/join/${encodeURIComponent(roomId)}`;
  const others: string[] = [];
  for (let index = 0; index < 7; index += 1) {
    const other = await newUser(`with-other-${index}`);
    others.push(other.userId);
    await ok(other.call('POST', join, {}));
  }
  // More events than a snapshot brings, so that a newcomer's object knows the heroes only.
  for (let index = 0; index < 40; index += 1) await send(alice, roomId, `fill-${index}`, String(index));
  const dora = await newUser('with-dora');
  await ok(dora.call('POST', join, {}));
  const isMember = (event: Json) => event.type === 'm.room.member';
  const everybody = [alice.userId, dora.userId, ...others].sort();

  const { rooms } = await syncUntil(dora, (answer) => answer.rooms?.join?.[roomId]);
  const entry = rooms.join[roomId];
  const told = [...entry.state.events, ...entry.timeline.events].filter(isMember);
  expect(told.map((event: Json) => event.state_key).sort()).toEqual(everybody);

  const list = { timeline_limit: 1, required_state: [['m.room.member', '*']] };
  const sliding = (await dora.sliding({ lists: { list } })).rooms[roomId];
  expect(sliding.required_state.map((event: Json) => event.state_key).sort()).toEqual(everybody);

  const fields = JSON.stringify({ event_fields: ['state_key'], room: { timeline: { limit: 0 } } });
  const cut = (await dora.sync({ filter: fields })).rooms.join[roomId].state.events;
  expect(cut.map((event: Json) => event.state_key).sort()).toEqual(expect.arrayContaining(everybody));
  expect(new Set(cut.flatMap((event: Json) => Object.keys(event)))).toEqual(new Set(['state_key']));

  const lazily = JSON.stringify({ room: { state: { lazy_load_members: true } } });
  const lazy = (await dora.sync({ filter: lazily })).rooms.join[roomId].state.events.filter(isMember);
  expect(lazy.length).toBeLessThan(everybody.length);
});

test('turning on encryption in a room makes its members known for device lists', async () => {
  const roomId = await room();
  const path = `${client}/rooms/${encodeURIComponent(roomId)}/state/m.room.encryption`;
  const { next_batch: since } = await bob.sync();
  await ok(alice.call('PUT', path, { algorithm: 'm.megolm.v1.aes-sha2' }));
  const answer = await syncUntil(bob, (found) => found.device_lists, since);
  expect(answer.device_lists.changed).toContain(alice.userId);
  expect(answer.rooms.join[roomId].timeline).toMatchObject({
    limited: false,
    events: [{ type: 'm.room.encryption' }],
  });
});

test('an application service syncs as the people it shares only', async () => {
  const headers = { authorization: 'Bearer test-as-token' };
  const url = `https://roost.test${client}/sync`;
  const { default: worker } = exports as unknown as { default: Fetcher };
  for (const query of ['', '?user_id=@_test_ghost:roost.test', `?user_id=${alice.userId}`]) {
    const response = await worker.fetch(`${url}${query}`, { headers });
    expect(response.status).toBe(403);
  }
});

test('the sync token of a client pages back from where it was', async () => {
  const roomId = await room();
  const { next_batch: since } = await syncUntil(bob, (answer) => answer.rooms?.join?.[roomId]);
  for (let index = 0; index < 15; index += 1) await send(alice, roomId, `page-${index}`, String(index));
  const isLast = (event: Json) => event.content.body === '14';
  const answer = await syncUntil(
    bob,
    (found) => found.rooms?.join?.[roomId]?.timeline.events.some(isLast),
    since,
  );
  const { timeline } = answer.rooms.join[roomId];
  const first = Number(timeline.events[0].content.body);
  const path = `${client}/rooms/${encodeURIComponent(roomId)}/messages`;
  const page = await ok(bob.call('GET', `${path}?dir=b&limit=1&from=${timeline.prev_batch}`));
  if (first > 0) expect(page.chunk[0].content.body).toBe(String(first - 1));
  const older = await ok(bob.call('GET', `${path}?dir=b&limit=1&from=${since}`));
  expect(older.chunk[0].type).not.toBe('m.room.message');
});

test('who was invited and joins is told what was said before, as who just joins is', async () => {
  const { room_id: roomId } = await ok(
    alice.call('POST', `${client}/createRoom`, { preset: 'private_chat' }),
  );
  await send(alice, roomId, 'before-1', 'before the invitation');
  await ok(
    alice.call('POST', `${client}/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: bob.userId }),
  );
  const invited = await syncUntil(bob, (answer) => answer.rooms?.invite?.[roomId]);
  await send(alice, roomId, 'before-2', 'behind the invitation');
  await ok(bob.call('POST', `${client}/join/${encodeURIComponent(roomId)}`, {}));
  const joined = await syncUntil(bob, (answer) => answer.rooms?.join?.[roomId], invited.next_batch);
  const { timeline } = joined.rooms.join[roomId];
  const bodies = timeline.events.map(({ content }: Json) => content.body ?? content.membership).slice(-4);
  expect(bodies).toEqual(['before the invitation', 'invite', 'behind the invitation', 'join']);
});
