import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import schema from '../../../../migrations/d1/homeserver/0001_init.sql';
import { type Json, TestClient } from './test-client.ts';

/** Syncing with the real rooms, over HTTP. */

const client = '/_matrix/client/v3';
let alice: TestClient;
let bob: TestClient;

beforeAll(async () => {
  const { DB } = env as unknown as { DB: D1Database };
  const statements = schema.split(';').filter((statement) => statement.trim() !== '');
  await DB.batch(statements.map((statement) => DB.prepare(statement)));
  [alice, bob] = [await TestClient.login('with-alice'), await TestClient.login('with-bob')];
  for (const { userId } of [alice, bob]) {
    await DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)').bind(userId).run();
  }
});

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

test('without lazy loading the first sync has every member', async () => {
  const roomId = await room();
  const carol = await TestClient.login('with-carol');
  const { DB } = env as unknown as { DB: D1Database };
  await DB.prepare('INSERT INTO accounts (user_id, created_ms) VALUES (?, 0)').bind(carol.userId).run();
  // Carol comes and goes, and nobody's object keeps her member event for bob's first sync.
  await ok(carol.call('POST', `${client}/join/${encodeURIComponent(roomId)}`, {}));
  for (let index = 0; index < 12; index += 1) await send(alice, roomId, `fill-${index}`, String(index));
  const { rooms } = await syncUntil(bob, (answer) =>
    answer.rooms?.join?.[roomId]?.timeline.events.some((event: Json) => event.content.body === '11'),
  ).then(() => bob.sync());
  const members = rooms.join[roomId].state.events
    .filter((event: Json) => event.type === 'm.room.member')
    .map((event: Json) => event.state_key);
  expect(new Set(members)).toEqual(new Set([alice.userId, bob.userId, carol.userId]));
  expect(members).toHaveLength(3);
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
