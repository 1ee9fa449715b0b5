import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseRegistration } from '../../../../appservice/registration.ts';
import type { ClientEvent } from '../../../../matrix/events.ts';
import type { DeviceId, EventId, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { isCompanion } from '../../storage/appservice/companions.ts';
import type { AppserviceRpc } from '../appservice-rpc.ts';
import type { RoomDelta, ServiceDelta } from '../room-rpc.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import type { AppserviceObject } from './appservice-object.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { queueKeyCounts, queueToDevice } from './device-news.ts';

const namespace = (env as unknown as { APPSERVICES: DurableObjectNamespace<AppserviceObject> }).APPSERVICES;
const stub = () => namespace.getByName('test');
const rpc = () => stub() as unknown as AppserviceRpc;
/** In the future, so that no alarm rings by itself. */
const startMs = Date.UTC(2040, 0, 1);

interface Attempt {
  url: string;
  headers: Headers;
  redirect: string | undefined;
  text: string;
  body: { events: ClientEvent[]; [name: string]: unknown };
}

let attempts: Attempt[] = [];
let answer: (init: RequestInit) => Promise<Response>;
const acknowledge = async () => Response.json({});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: startMs });
  attempts = [];
  answer = acknowledge;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const text = String(init.body);
    const headers = new Headers(init.headers);
    attempts.push({ url, headers, redirect: init.redirect, text, body: JSON.parse(text) });
    return answer(init);
  });
});

afterEach(async () => {
  // The next test finds an empty queue.
  answer = acknowledge;
  await rpc().retryNow();
  await untilQueued(0);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const untilQueued = (queued: number) =>
  vi.waitFor(async () => expect((await rpc().health()).queued).toBe(queued));
const untilFailed = (failures: number) =>
  vi.waitFor(async () => expect((await rpc().health()).failures).toBe(failures));
const untilAttempts = (count: number) => vi.waitFor(() => expect(attempts).toHaveLength(count));
const eventIds = (attempt: Attempt | undefined) => attempt?.body.events.map(({ event_id }) => event_id);

let rooms = 0;
const newRoom = () => `!room${++rooms}:roost.test` as RoomId;

function delta(roomId: RoomId, positions: number[], more: Partial<RoomDelta> = {}): RoomDelta {
  const first = positions[0] ?? 1;
  return {
    roomId,
    fromPosition: first - 1,
    position: positions.at(-1) ?? 0,
    membership: 'join',
    events: positions.map((position) => ({
      position,
      event: {
        event_id: `$${roomId}-${position}` as EventId,
        type: 'm.room.message',
        sender: '@alice:roost.test' as UserId,
        origin_server_ts: startMs - 5_000,
        content: { body: String(position) },
        unsigned: { membership: 'join' },
      },
    })),
    updated: [],
    members: [],
    summary: { joinedCount: 1, invitedCount: 0, heroes: [] },
    ...more,
  };
}

test('an event is sent at once: path, token, room id, age', async () => {
  const roomId = newRoom();
  expect(await rpc().applyRoomDelta(delta(roomId, [1]))).toEqual({ kind: 'applied' });
  await untilQueued(0);
  expect(attempts).toHaveLength(1);
  const [attempt] = attempts;
  expect(attempt?.url).toMatch(/^http:\/\/appservice\.test\/_matrix\/app\/v1\/transactions\/[^/]+$/);
  expect(attempt?.headers.get('authorization')).toBe('Bearer test-hs-token');
  expect(attempt?.redirect).toBe('manual');
  expect(attempt?.body.events).toEqual([
    expect.objectContaining({ room_id: roomId, unsigned: { membership: 'join', age: 5_000 } }),
  ]);
  expect(await rpc().health()).toMatchObject({ queued: 0, failures: 0, lastSuccessTs: expect.any(Number) });
});

test('a gap is answered with the known position; repeated events are not queued again', async () => {
  const roomId = newRoom();
  await rpc().applyRoomDelta(delta(roomId, [1, 2]));
  expect(await rpc().applyRoomDelta(delta(roomId, [4]))).toEqual({ kind: 'gap', position: 2 });
  expect(await rpc().applyRoomDelta(delta(roomId, [2, 3, 4]))).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(delta(roomId, [3, 4]))).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(delta(roomId, [2]))).toEqual({ kind: 'gap', position: 4 });
  await untilQueued(0);
  expect(attempts.flatMap(eventIds)).toEqual([1, 2, 3, 4].map((position) => `$${roomId}-${position}`));
});

test('a room restored from a backup starts anew where it is', async () => {
  const roomId = newRoom();
  await rpc().applyRoomDelta(delta(roomId, [1, 2, 3]));
  const behind = delta(roomId, [], { fromPosition: 1, position: 1 });
  expect(await rpc().applyRoomDelta(behind)).toEqual({ kind: 'gap', position: 3 });
  const snapshot = { roomVersion: '12', state: [] };
  expect(await rpc().applyRoomDelta({ ...behind, snapshot })).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(delta(roomId, [2]))).toEqual({ kind: 'applied' });
  await untilQueued(0);
  expect(attempts.flatMap(eventIds).map((id) => id?.split('-')[1])).toEqual(['1', '2', '3', '2']);
});

test('a jump to where the service became interested is followed, once', async () => {
  const roomId = newRoom();
  const jump = { ...delta(roomId, [41, 42]), snapshot: { roomVersion: '12', state: [] } };
  expect(await rpc().applyRoomDelta(jump)).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(jump)).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(delta(roomId, [43]))).toEqual({ kind: 'applied' });
  await untilQueued(0);
  expect(attempts.flatMap(eventIds)).toEqual([41, 42, 43].map((position) => `$${roomId}-${position}`));
});

test.each([
  ['status 500', async () => new Response('broken', { status: 500 }), 'status 500'],
  [
    'a redirect',
    async () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } }),
    'status 302',
  ],
  [
    'a page of HTML',
    async () => new Response('<html>parked</html>', { headers: { 'content-type': 'text/html' } }),
    'status 200, but the body is not a JSON object',
  ],
  ['an endless page', async () => new Response('x'.repeat(100_000)), 'Error: the answer is over 65536 bytes'],
  ['a refused connection', () => Promise.reject(new TypeError('refused')), 'TypeError: refused'],
])(
  'B7: %s is no acknowledgement: the same transaction again, later, nothing before it',
  async (_, bad, problem) => {
    const roomId = newRoom();
    answer = bad;
    await rpc().applyRoomDelta(delta(roomId, [1]));
    await untilFailed(1);
    await rpc().applyRoomDelta(delta(roomId, [2]));
    const health = await rpc().health();
    expect(health).toMatchObject({ queued: 2, failures: 1, lastError: problem });
    expect(attempts).toHaveLength(1);

    // Too early: the alarm finds the pause not over.
    await runDurableObjectAlarm(stub());
    expect(attempts).toHaveLength(1);
    vi.setSystemTime(health.nextAttemptTs ?? 0);
    answer = acknowledge;
    await runDurableObjectAlarm(stub());
    expect(attempts).toHaveLength(3);
    expect(attempts[1]?.url).toBe(attempts[0]?.url);
    expect(attempts[1]?.text).toBe(attempts[0]?.text);
    expect(attempts[2]?.url).not.toBe(attempts[0]?.url);
    expect(eventIds(attempts[2])).toEqual([`$${roomId}-2`]);
    expect(await rpc().health()).toEqual({ queued: 0, failures: 0, lastSuccessTs: health.nextAttemptTs });
  },
);

test('pauses grow with each failure and stay under ten minutes', async () => {
  answer = async () => new Response(null, { status: 503 });
  await rpc().applyRoomDelta(delta(newRoom(), [1]));
  await untilFailed(1);
  vi.setSystemTime(startMs);
  const pauses: number[] = [];
  for (let failures = 1; failures <= 14; failures++) {
    const { nextAttemptTs = 0, failures: counted } = await rpc().health();
    expect(counted).toBe(failures);
    pauses.push(nextAttemptTs - Date.now());
    vi.setSystemTime(nextAttemptTs);
    await runDurableObjectAlarm(stub());
  }
  for (const [index, pauseMs] of pauses.entries()) {
    const fullMs = Math.min(600_000, 1_000 * 2 ** index);
    expect(pauseMs).toBeGreaterThanOrEqual(fullMs / 2);
    expect(pauseMs).toBeLessThanOrEqual(fullMs);
  }
  expect(new Set(attempts.map(({ url, text }) => url + text)).size).toBe(1);
});

test('B7: a service that hangs holds up neither the room nor later events, and is given up after 30 s', async () => {
  const roomId = newRoom();
  // Thirty seconds pass in a tenth of one.
  const realSetTimeout = globalThis.setTimeout;
  const timeout = vi.fn((work: () => void, ms: number) => realSetTimeout(work, ms / 300));
  vi.stubGlobal('setTimeout', timeout);
  answer = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  expect(await rpc().applyRoomDelta(delta(roomId, [1]))).toEqual({ kind: 'applied' });
  await untilAttempts(1);
  expect(await rpc().applyRoomDelta(delta(roomId, [2]))).toEqual({ kind: 'applied' });
  expect(await rpc().applyRoomDelta(delta(roomId, [3]))).toEqual({ kind: 'applied' });
  expect(timeout).toHaveBeenCalledWith(expect.any(Function), 30_000);
  expect(attempts).toHaveLength(1);
  await untilFailed(1);
  expect(await rpc().health()).toMatchObject({ queued: 3, lastError: 'no answer within 30000 ms' });

  answer = acknowledge;
  await rpc().retryNow();
  await untilQueued(0);
  expect(attempts.map(eventIds)).toEqual([
    [`$${roomId}-1`],
    [`$${roomId}-1`],
    [`$${roomId}-2`, `$${roomId}-3`],
  ]);
});

test('what was being sent when the object died is sent again as it was, by the alarm', async () => {
  const roomId = newRoom();
  answer = () => new Promise(() => {});
  await rpc().applyRoomDelta(delta(roomId, [1, 2]));
  await untilAttempts(1);
  await rpc().applyRoomDelta(delta(roomId, [3]));
  const crash = runInDurableObject(stub(), (_, state) => state.abort('crash'));
  await expect(crash).rejects.toThrow('crash');

  vi.setSystemTime(startMs + 60_000);
  answer = acknowledge;
  expect(await runDurableObjectAlarm(stub())).toBe(true);
  expect(attempts).toHaveLength(3);
  expect(attempts[1]?.url).toBe(attempts[0]?.url);
  expect(attempts[1]?.text).toBe(attempts[0]?.text);
  expect(eventIds(attempts[2])).toEqual([`$${roomId}-3`]);
  // What had waited is as old as it is.
  expect(attempts[2]?.body.events[0]?.unsigned).toMatchObject({ age: Date.now() - startMs + 5_000 });
});

test('transactions hold at most a hundred events', async () => {
  const roomId = newRoom();
  await rpc().applyRoomDelta(
    delta(
      roomId,
      Array.from({ length: 250 }, (_, index) => index + 1),
    ),
  );
  await untilQueued(0);
  expect(attempts.map(({ body }) => body.events.length)).toEqual([100, 100, 50]);
  expect(attempts.flatMap(eventIds)).toEqual(
    Array.from({ length: 250 }, (_, index) => `$${roomId}-${index + 1}`),
  );
});

test('transactions hold at most a mebibyte', async () => {
  const large = delta(
    newRoom(),
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  for (const { event } of large.events) event.content = { body: 'x'.repeat(60_000) };
  await rpc().applyRoomDelta(large);
  await untilQueued(0);
  expect(attempts.length).toBeGreaterThan(1);
  for (const { text } of attempts) expect(text.length).toBeLessThan(1_100_000);
});

test('typing and receipts go only to a service that asks for them', async () => {
  const roomId = newRoom();
  await rpc().applyRoomDelta(delta(roomId, [1], { typing: ['@alice:roost.test' as UserId] }));
  await untilQueued(0);
  expect(Object.keys(attempts[0]?.body ?? {})).toEqual(['events']);
});

test('to-device messages are sent under both names', async () => {
  const message = { type: 'm.dummy', sender: '@alice:roost.test', content: {} };
  await rpc().enqueueToDevice([message]);
  await untilQueued(0);
  expect(attempts[0]?.body).toEqual({
    events: [],
    to_device: [message],
    'de.sorunome.msc2409.to_device': [message],
  });
});

test('a service that is not registered, or not any more, queues nothing', async () => {
  const unknown = namespace.getByName('removed') as unknown as AppserviceRpc;
  expect(await unknown.applyRoomDelta(delta(newRoom(), [7]))).toEqual({ kind: 'applied' });
  expect(await unknown.health()).toEqual({ queued: 0, failures: 0 });
});

/** Counts billable rows: those of SQL, and one for each alarm that is set. */
function counting(storage: DurableObjectStorage) {
  const count = { rows: 0 };
  const counted = {
    sql: {
      exec(statement: string, ...bindings: unknown[]) {
        const cursor = storage.sql.exec(statement, ...bindings);
        const rows = cursor.toArray();
        count.rows += cursor.rowsWritten;
        return { toArray: () => rows, rowsRead: cursor.rowsRead, rowsWritten: cursor.rowsWritten };
      },
    },
    setAlarm(ms: number) {
      count.rows += 1;
      return storage.setAlarm(ms);
    },
  } as unknown as DurableObjectStorage;
  return { count, counted };
}

test('budget: an event queued and delivered costs at most 6 rows written', async () => {
  const registration = parseRegistration({
    id: 'test',
    url: 'http://appservice.test',
    as_token: 'a',
    hs_token: 'h',
    sender_localpart: 'testbot',
    receive_ephemeral: true,
    namespaces: { users: [{ regex: '@_test_.*', exclusive: true }] },
  });
  await runInDurableObject(stub(), async (_, state) => {
    const { count, counted } = counting(state.storage);
    const sqlite = new Sqlite(counted);
    const sent: object[] = [];
    const queue = new DeliveryQueue(sqlite, counted, async (_id, body) => void sent.push(body));
    const roomId = newRoom();
    applyRoomDelta(sqlite, queue, registration, 'roost.test', delta(roomId, [1]), Date.now());
    await queue.run();
    expect(sent).toHaveLength(1);
    expect(count.rows).toBeGreaterThan(3);
    expect(count.rows).toBeLessThanOrEqual(6);

    count.rows = 0;
    const quiet = delta(roomId, [], {
      fromPosition: 1,
      position: 1,
      typing: ['@alice:roost.test' as UserId],
      receipts: {
        $e: {
          'm.read': { '@alice:roost.test': { ts: 1 } },
          'm.read.private': { '@alice:roost.test': { ts: 1 }, '@_test_b:roost.test': { ts: 2 } },
        },
      },
    });
    applyRoomDelta(sqlite, queue, registration, 'roost.test', quiet, Date.now());
    await queue.run();
    const ephemeral = [
      { type: 'm.typing', room_id: roomId, content: { user_ids: ['@alice:roost.test'] } },
      {
        type: 'm.receipt',
        room_id: roomId,
        content: {
          $e: {
            'm.read': { '@alice:roost.test': { ts: 1 } },
            'm.read.private': { '@_test_b:roost.test': { ts: 2 } },
          },
        },
      },
    ];
    expect(sent[1]).toEqual({ events: [], ephemeral, 'de.sorunome.msc2409.ephemeral': ephemeral });
    expect(count.rows).toBeLessThanOrEqual(6);
  });
});

test('device lists and key counts go with the transaction: each user once, the latest counts', async () => {
  const registration = parseRegistration({
    id: 'test',
    url: 'http://appservice.test',
    as_token: 'a',
    hs_token: 'h',
    sender_localpart: 'testbot',
    'org.matrix.msc3202': true,
    namespaces: {},
  });
  await runInDurableObject(stub(), async (_, state) => {
    const sqlite = new Sqlite(state.storage);
    const sent: object[] = [];
    const queue = new DeliveryQueue(sqlite, state.storage, async (_id, body) => void sent.push(body));
    const [alice, bob] = ['@alice:roost.test' as UserId, '@bob:roost.test' as UserId];
    const device = { userId: '@testbot:roost.test' as UserId, deviceId: 'BOT' as DeviceId };
    const keysLeft = (count: number) => ({
      oneTimeKeyCounts: { signed_curve25519: count },
      unusedFallbackKeyTypes: ['signed_curve25519'],
    });
    const roomId = newRoom();
    const joins = delta(roomId, [1, 2, 3]);
    const contents = [
      { membership: 'join' },
      { membership: 'join', displayname: 'x' },
      { membership: 'leave' },
    ];
    for (const [index, content] of contents.entries()) {
      const event = joins.events[index]?.event;
      const previous = contents[index - 1];
      Object.assign(event ?? {}, { type: 'm.room.member', state_key: alice, content });
      Object.assign(event ?? {}, { unsigned: previous ? { prev_content: previous } : {} });
    }
    const apply = (news: ServiceDelta) =>
      applyRoomDelta(sqlite, queue, registration, 'roost.test', news, Date.now());
    // Who is in the room is not known yet.
    expect(apply(joins)).toEqual({ kind: 'gap', position: 0, anew: true });
    expect(isCompanion(sqlite, bob)).toBe(false);
    const before = delta(roomId, [], { fromPosition: 0, position: 0, companions: [bob] });
    expect(apply(before)).toEqual({ kind: 'applied' });
    expect(apply(joins)).toEqual({ kind: 'applied' });
    expect(isCompanion(sqlite, bob)).toBe(true);
    expect(isCompanion(sqlite, alice)).toBe(false);
    queueKeyCounts(sqlite, queue, { ...device, counts: keysLeft(50) }, Date.now());
    queueKeyCounts(sqlite, queue, { ...device, counts: keysLeft(49) }, Date.now());
    await queue.run();
    const counts = {
      'org.matrix.msc3202.device_one_time_keys_count': {
        '@testbot:roost.test': { BOT: { signed_curve25519: 49 } },
      },
      'org.matrix.msc3202.device_unused_fallback_key_types': {
        '@testbot:roost.test': { BOT: ['signed_curve25519'] },
      },
    };
    expect(sent[0]).toMatchObject({
      ...counts,
      'org.matrix.msc3202.device_lists': { changed: [bob], left: [alice] },
    });

    const message = { type: 'm.test', content: {}, to_user_id: device.userId, to_device_id: 'BOT' };
    queueToDevice(sqlite, queue, [message, message], true, Date.now());
    queueToDevice(sqlite, queue, [{ ...message, to_device_id: 'OTHER' }], true, Date.now());
    await queue.run();
    expect(sent[1]).toMatchObject({ to_device: [message, message, { to_device_id: 'OTHER' }], ...counts });
    expect(sent[1]).not.toHaveProperty(['org.matrix.msc3202.device_lists']);
  });
});
