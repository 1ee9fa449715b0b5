import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { roomVersion } from '../../../protocol/room-versions.ts';
import { findPurged } from '../../../storage/room/purged-events.ts';
import { readRoomRow } from '../../../storage/room/room-row.ts';
import { makeStubs } from '../../stubs.ts';
import { checkReplay } from '../testing/replay-check.ts';
import { creator, guest, message, moderator, startRoom, topic } from '../testing/started-room.ts';
import { alice, bob, eventIdOf, makeRoom, roomStub, type TestRoom } from '../testing/test-room.ts';

const hour = 3_600_000;
const day = 24 * hour;
let nowMs = 0;

beforeEach(() => {
  nowMs = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const later = (ms: number) => {
  nowMs += ms;
};
const say = async (room: TestRoom, body: string, more = {}) =>
  eventIdOf(await room.send(alice, body, more)) as EventId;
const keep = (room: TestRoom, lifetimeMs: number) =>
  room.state(alice, 'm.room.retention', { max_lifetime: lifetimeMs });

/** What an alarm does that is due; what is not leaves the alarm as it is. */
async function alarm(room: Pick<TestRoom, 'roomId'>): Promise<void> {
  await runDurableObjectAlarm(roomStub(room.roomId));
}

const inside = <Result>(room: Pick<TestRoom, 'roomId'>, look: (sqlite: Sqlite) => Result): Promise<Result> =>
  runInDurableObject(roomStub(room.roomId), (_instance, state) => look(new Sqlite(state.storage)));

const dueMs = (room: TestRoom) =>
  inside(
    room,
    (sqlite) =>
      sqlite.get<{ due_ms: number }>("SELECT due_ms FROM due_work WHERE name = 'retention'")?.due_ms,
  );

async function replay(room: Pick<TestRoom, 'roomId'>): Promise<void> {
  await inside(room, (sqlite) => {
    const row = readRoomRow(sqlite);
    const version = row && roomVersion(row.version);
    if (!version) throw new Error('no room');
    checkReplay({ sqlite, roomId: row.roomId, version, config: readConfig(env as unknown as Env) });
  });
}

async function bodies(room: TestRoom): Promise<unknown[]> {
  const page = await room.rpc.readMessages({ userId: alice, dir: 'f', limit: 100 });
  if (page.kind === 'denied') throw new Error(page.error);
  return page.chunk.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body);
}

test('a room without a policy never has the work', async () => {
  const room = await makeRoom();
  await say(room, 'kept');
  expect(await dueMs(room)).toBeUndefined();
  await room.state(alice, 'm.room.retention', { max_lifetime: 'soon' });
  await say(room, 'kept, too');
  expect(await dueMs(room)).toBeUndefined();
});

test('messages go when their time has come, state stays, and the newest event stays', async () => {
  const room = await makeRoom();
  await keep(room, 7 * day);
  expect(await dueMs(room)).toBeUndefined();
  const first = await say(room, 'one');
  expect(await dueMs(room)).toBe(nowMs + 7 * day);
  later(3 * day);
  await say(room, 'two');
  later(4 * day + hour);
  await alarm(room);
  expect(await bodies(room)).toEqual(['two']);
  expect(await room.rpc.readEvent({ userId: alice }, first)).toMatchObject({ errcode: 'M_NOT_FOUND' });
  expect(await room.rpc.readState(alice)).toMatchObject({ kind: 'state' });
  await replay(room);

  later(30 * day);
  await alarm(room);
  expect(await bodies(room)).toEqual(['two']);
  expect(await dueMs(room)).toBeUndefined();
  await say(room, 'three');
  await alarm(room);
  expect(await bodies(room)).toEqual(['three']);
  await replay(room);
});

test('a policy that comes later takes what is there, and one that is shorter is followed at once', async () => {
  const room = await makeRoom();
  await say(room, 'old');
  later(10 * day);
  await say(room, 'young');
  await keep(room, 30 * day);
  expect(await dueMs(room)).toBe(nowMs + 20 * day);
  await keep(room, 5 * day);
  await alarm(room);
  expect(await bodies(room)).toEqual(['young']);
});

test('nothing younger than a day goes, so that a repeated request is still known', async () => {
  const room = await makeRoom();
  await keep(room, 0);
  const transaction = { deviceId: 'PHONE', txnId: 'once' };
  const sent = await say(room, 'hello', { transaction, originServerTs: 5 });
  await say(room, 'newest');
  later(day - hour);
  await alarm(room);
  expect(await say(room, 'hello', { transaction })).toBe(sent);
  later(2 * hour);
  await alarm(room);
  expect(await bodies(room)).toEqual(['newest']);
});

test('a date in the future keeps no message longer than its coming', async () => {
  const room = await makeRoom();
  await keep(room, 2 * day);
  await say(room, 'of the future', { originServerTs: nowMs + 9_999 * day });
  await say(room, 'newest');
  later(2 * day + hour);
  await alarm(room);
  expect(await bodies(room)).toEqual(['newest']);
});

test('a thread goes with its root; one whose reply goes counts one less', async () => {
  const room = await makeRoom();
  await keep(room, 2 * day);
  const replyTo = (root: string) => ({
    content: { msgtype: 'm.text', body: 'reply', 'm.relates_to': { rel_type: 'm.thread', event_id: root } },
  });
  const gone = await say(room, 'root that goes');
  later(day);
  await say(room, '', replyTo(gone));
  const root = await say(room, 'root that stays');
  await say(room, '', replyTo(root));
  later(day + 2 * hour);
  await alarm(room);
  const threads = await inside(room, (sqlite) => sqlite.all('SELECT root_id FROM threads'));
  expect(threads).toMatchObject([{ root_id: root }]);
  await replay(room);
  await say(room, '', replyTo(gone));
  await say(room, '', replyTo(root));
  await replay(room);
  expect(await room.rpc.readEvent({ userId: alice }, root as EventId)).toMatchObject({
    event: { unsigned: { 'm.relations': { 'm.thread': { count: 2 } } } },
  });
});

test('a receipt may name what was purged, a redaction may not', async () => {
  const room = await makeRoom();
  eventIdOf(await room.member(bob, 'join'));
  await keep(room, day);
  const gone = await say(room, 'gone');
  await say(room, 'newest');
  later(day + hour);
  await alarm(room);
  expect(await room.rpc.setReceipt({ userId: bob, type: 'm.read', eventId: gone })).toEqual({ kind: 'done' });
  const redaction = { sender: alice, type: 'm.room.redaction', content: { redacts: gone }, redacts: gone };
  expect(await room.rpc.append(redaction)).toMatchObject({ errcode: 'M_NOT_FOUND' });
});

test('hundreds go in batches, at three rows each', async () => {
  const room = await makeRoom();
  await keep(room, day);
  for (let n = 0; n < 450; n += 1) await say(room, String(n));
  later(day + hour);
  const run = vi.spyOn(Sqlite.prototype, 'run');
  await alarm(room);
  const rows = run.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
  expect(await inside(room, (sqlite) => sqlite.get('SELECT COUNT(*) AS left FROM purged_events'))).toEqual({
    left: 200,
  });
  // The row of what was purged; the event and its id in the index; due work and the room's row.
  expect(rows).toBeLessThanOrEqual(200 * 3 + 10);
  await alarm(room);
  await alarm(room);
  expect(await bodies(room)).toEqual(['449']);
  await replay(room);
});

test('the users forget their copies', async () => {
  const room = await makeRoom();
  await keep(room, day);
  const gone = await say(room, 'gone');
  await say(room, 'newest');
  const copies = () =>
    runInDurableObject(
      (env as unknown as { USERS: DurableObjectNamespace }).USERS.getByName(alice) as DurableObjectStub,
      (_instance, state) =>
        new Sqlite(state.storage)
          .all<{ event_id: string }>('SELECT event_id FROM ring WHERE room_id = ?', room.roomId)
          .map((row) => row.event_id),
    );
  await vi.waitFor(async () => expect(await copies()).toContain(gone));
  later(day + hour);
  await alarm(room);
  expect(await copies()).not.toContain(gone);
  expect((await copies()).length).toBeGreaterThan(0);
});

test('history before a time is purged on request, a batch at a time', async () => {
  const room = await makeRoom();
  for (let n = 0; n < 210; n += 1) await say(room, String(n));
  later(3 * day);
  const middle = nowMs;
  await say(room, 'young');
  await say(room, 'newest');
  const first = await room.rpc.purgeHistory(middle);
  expect(first).toMatchObject({ kind: 'purged', messages: 200 });
  const next = first.kind === 'purged' ? first.next : undefined;
  expect(await room.rpc.purgeHistory(middle, next)).toEqual({ kind: 'purged', messages: 10 });
  expect(await bodies(room)).toEqual(['young', 'newest']);
  expect(await room.rpc.purgeHistory(nowMs + day)).toEqual({ kind: 'purged', messages: 0 });
  await replay(room);
});

test('a room goes as a whole once no user of this server is in it', async () => {
  const room = await makeRoom();
  await say(room, 'hello');
  expect(await room.rpc.purgeRoom(false)).toMatchObject({ errcode: 'M_FORBIDDEN' });
  eventIdOf(await room.member(alice, 'leave'));
  expect(await room.rpc.purgeRoom(false)).toEqual({ kind: 'done' });
  expect(await room.rpc.readState(alice)).toMatchObject({ errcode: 'M_FORBIDDEN' });
  expect(await room.rpc.purgeRoom(false)).toMatchObject({ errcode: 'M_NOT_FOUND' });
  expect(await inside(room, (sqlite) => readRoomRow(sqlite))).toBeUndefined();
});

test('by force its users leave first, and know it', async () => {
  const room = await makeRoom();
  eventIdOf(await room.member(bob, 'join'));
  expect(await room.rpc.purgeRoom(true)).toEqual({ kind: 'done' });
  const { user } = makeStubs(env as unknown as Env);
  expect(await user(alice).joinedRooms()).not.toContain(room.roomId);
  expect(await user(bob).joinedRooms()).not.toContain(room.roomId);
});

test('what was purged is known by its place', async () => {
  const room = await makeRoom();
  await keep(room, day);
  const gone = await say(room, 'gone');
  const at = await inside(room, (sqlite) =>
    sqlite.get('SELECT position FROM events WHERE event_id = ?', gone),
  );
  await say(room, 'newest');
  later(day + hour);
  await alarm(room);
  expect(await inside(room, (sqlite) => findPurged(sqlite, gone))).toMatchObject({ eventId: gone, ...at });
});

test.each(['6', '11', '12'])('in version %s other servers may build on what was purged', async (version) => {
  const room = await startRoom(version, `purged${version}`);
  const dated = () => ({ ts: nowMs });
  const policy = { type: 'm.room.retention', sender: creator, stateKey: '', content: { max_lifetime: day } };
  const beginning = await room.receive(policy, [room.start], dated());
  const gone = await room.receive(message(guest, 'gone'), [beginning], dated());
  // A fork of messages alone, that has a line of its own.
  const fork = await room.receive(message(moderator, 'gone, too'), [beginning], dated());
  const behindFork = await room.receive(topic(moderator, 'of the fork'), [fork], dated());
  const end = await room.receive(message(guest, 'newest'), [gone, behindFork], dated());
  later(day + hour);
  await alarm(room);
  const purged = await inside(room, (sqlite) => [gone, fork].map((id) => findPurged(sqlite, id)?.eventId));
  expect(purged).toEqual([gone, fork]);
  await replay(room);

  const again = { pdus: [gone, fork].map((id) => room.remote.pdu(id)) };
  expect(await room.rpc.receive(again)).toMatchObject([{ kind: 'known' }, { kind: 'known' }]);
  const late = await room.receive(message(guest, 'behind what is gone'), [gone, fork], dated());
  const lateTopic = await room.receive(topic(moderator, 'late'), [fork], dated());
  await room.receive(message(creator, 'joins all'), [end, late, lateTopic], dated());
  await replay(room);

  // What redacts it comes too late, and is not waited for.
  const redacts = version !== '6' ? {} : { redacts: gone };
  const redaction = { type: 'm.room.redaction', sender: guest, content: { redacts: gone }, ...redacts };
  await room.receive(redaction, [lateTopic], dated());
  expect(await inside(room, (sqlite) => sqlite.all('SELECT * FROM early_redactions'))).toEqual([]);
  await replay(room);
});
