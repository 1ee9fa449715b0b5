import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, type MockInstance, test, vi } from 'vitest';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import type { Env } from '../../env.ts';
import { answerCall } from './answer-call.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import { setPusher } from './pushers.ts';
import { sendPushes } from './send-pushes.ts';
import { createSession } from './sessions.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { makeUserContext, type UserContext } from './user-context.ts';

const bob = '@bob:roost.test';
const nowMs = 1_800_000_000_000;
const deviceId = 'DEVICE' as DeviceId;

interface Rows {
  read: number;
  written: number;
}

/** Billable rows of one piece of work, as production counts them. */
function rowsOf(work: () => void): Rows {
  const logged = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  work();
  return countRows(logged);
}

async function rowsOfAsync(work: () => Promise<void>): Promise<Rows> {
  const logged = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await work();
  return countRows(logged);
}

function countRows(logged: MockInstance<typeof console.log>): Rows {
  const rows = logged.mock.calls.map(([line]) => JSON.parse(String(line)) as Rows & { event: string });
  logged.mockRestore();
  const counted = rows.filter((row) => row.event === 'meter.rows');
  return {
    read: counted.reduce((sum, row) => sum + row.read, 0),
    written: counted.reduce((sum, row) => sum + row.written, 0),
  };
}

/** Runs inside the storage of a user's object, with counting on. */
function metered(name: string, body: (user: UserContext) => void | Promise<void>): Promise<void> {
  const userId = `@${name}:roost.test` as UserId;
  const stub = (env as unknown as Env).USERS.getByName(userId) as unknown as DurableObjectStub;
  return runInDurableObject(stub, async (_instance, state) => {
    const user = makeUserContext(userId, new Sqlite(state.storage, 'UserSyncObject'));
    createSession(user, { accessToken: 'token', deviceId }, nowMs);
    await body(user);
    await state.storage.deleteAlarm();
  });
}

const sync = (user: UserContext, query: Record<string, string>) =>
  answerCall(user, { kind: 'sync', caller: { deviceId }, query }, deviceId, 'arrival', nowMs);
const slide = (user: UserContext, last: number, pos?: string) =>
  answerCall(
    user,
    {
      kind: 'sliding',
      caller: { deviceId },
      query: pos === undefined ? {} : { pos, timeout: '30000' },
      body: {
        lists: {
          all_rooms: {
            timeline_limit: 1,
            ranges: [[0, last]],
            required_state: [
              ['m.room.name', ''],
              ['m.room.encryption', ''],
              ['m.room.topic', ''],
              ['m.room.avatar', ''],
              ['m.room.canonical_alias', ''],
              ['m.room.power_levels', ''],
              ['m.room.join_rules', ''],
              ['m.room.tombstone', ''],
              ['m.room.create', ''],
              ['m.room.history_visibility', ''],
              ['m.room.member', '$LAZY'],
              ['m.room.member', '$ME'],
              ['m.space.child', '*'],
              ['m.space.parent', '*'],
            ],
          },
        },
        extensions: {
          account_data: { enabled: true },
          receipts: { enabled: true },
          typing: { enabled: true },
          to_device: { enabled: true },
          e2ee: { enabled: true },
        },
      },
    },
    deviceId,
    'arrival',
    nowMs,
  );

function fill(user: UserContext, rooms: number): FakeRoom[] {
  return Array.from({ length: rooms }, (_, index) => {
    const room = FakeRoom.created(`room-${index}`, user.userId, bob);
    room.message(bob, 'hello');
    applyRoomDelta(user, room.snapshot(8));
    return room;
  });
}

test('a plain message writes three rows: ring, room, recency index', () =>
  metered('cost-message', (user) => {
    const [room] = fill(user, 3);
    // Once around the ring, so that slots are overwritten.
    for (let index = 0; index < 70; index += 1) {
      room?.message(bob, 'hello again');
      const delta = room?.delta();
      const rows = rowsOf(() => delta && applyRoomDelta(user, delta));
      expect(rows.written).toBeLessThanOrEqual(3);
      expect(rows.read).toBeLessThanOrEqual(10);
    }
  }));

test('with a pusher, a message writes three rows more, and as much again when it is sent', () =>
  metered('cost-push', async (user) => {
    const [room] = fill(user, 3);
    const nowMs = 1_700_000_100_000;
    const details = { data: { url: 'https://push.test/_matrix/push/v1/notify' } };
    setPusher(user, { appId: 'app', pushkey: 'key', deviceId, details }, nowMs);
    const notify = async () => ({ kind: 'delivered' as const });
    const deliver = () =>
      user.due.run(nowMs, { push: () => sendPushes(user, notify, () => nowMs) }, (_name, error) => {
        throw error;
      });
    await deliver();
    for (let index = 0; index < 3; index += 1) {
      room?.message(bob, 'hello again');
      const delta = room?.delta();
      // Ring, room, index; notification, due work, alarm.
      expect(rowsOf(() => delta && applyRoomDelta(user, delta, nowMs)).written).toBe(6);
      const rows = await rowsOfAsync(deliver);
      // Due work twice, the notification; the first time the number that the app was told.
      expect(rows.written).toBeLessThanOrEqual(4);
      expect(rows.read).toBeLessThanOrEqual(30);
    }
  }));

test('a sync that waits writes nothing, in either form', () =>
  metered('cost-wait', (user) => {
    fill(user, 5);
    const { next_batch } = sync(user, {}).reply.answer;
    const waits = rowsOf(() => {
      const since = String(next_batch);
      expect(sync(user, { since, timeout: '30000' }).wait).toBe(true);
    });
    expect(waits.written).toBe(0);
    const { pos } = slide(user, 19).reply.answer;
    const slides = rowsOf(() => expect(slide(user, 19, String(pos)).wait).toBe(true));
    expect(slides.written).toBe(0);
  }));

test('of 3,000 rooms, a first sliding sync reads what 20 rooms need, a later one what changed', () =>
  metered('cost-rooms', (user) => {
    const rooms = fill(user, 3000);
    let pos = '';
    const first = rowsOf(() => {
      const { answer } = slide(user, 19).reply;
      expect(Object.keys(answer.rooms as object)).toHaveLength(20);
      expect(answer.lists).toEqual({ all_rooms: { count: 3000 } });
      pos = String(answer.pos);
    });
    expect(first.read).toBeLessThanOrEqual(500);
    expect(first.written).toBeLessThanOrEqual(25);

    rooms.at(-1)?.message(bob, 'news');
    const delta = rooms.at(-1)?.delta();
    if (delta) applyRoomDelta(user, delta);
    for (const last of [19, 2999]) {
      if (last === 2999) pos = String(slide(user, 2999, pos).reply.answer.pos);
      const next = rowsOf(() => {
        const { answer } = slide(user, last, pos).reply;
        expect(Object.keys(answer.rooms as object).length).toBeLessThanOrEqual(1);
        pos = String(answer.pos);
      });
      expect(next.read).toBeLessThanOrEqual(80);
      expect(next.written).toBe(0);
    }
    const { next_batch } = sync(user, { filter: '{"room":{"rooms":[]}}' }).reply.answer;
    rooms[7]?.message(bob, 'news');
    const other = rooms[7]?.delta();
    if (other) applyRoomDelta(user, other);
    const incremental = rowsOf(() => {
      const { answer } = sync(user, { since: String(next_batch), timeout: '30000' }).reply;
      expect(Object.keys(answer.rooms as object)).toEqual(['join']);
    });
    expect(incremental.read).toBeLessThanOrEqual(30);
    expect(incremental.written).toBe(0);
  }));
