import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test, vi } from 'vitest';
import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { allPresence } from '../../../storage/user-sync/presence.ts';
import type { PresenceNews, PresenceReply } from '../../user-sync-rpc.ts';
import { applyRoomDelta } from '../apply-room-delta.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { makeUserContext, type UserContext } from '../user-context.ts';
import { knownPresence, learnPresence } from './meet-elsewhere.ts';
import { lookForPresence, notePresence, ownPresence, setPresence } from './own-presence.ts';
import { watchPresence } from './presence-watch.ts';
import { presenceOfCall } from './present-devices.ts';
import { tellPresence } from './tell-presence.ts';

const testEnv = env as unknown as Env;
const nowMs = 1_800_000_000_000;
const minute = 60_000;
const phone = 'PHONE' as DeviceId;
const laptop = 'LAPTOP' as DeviceId;
const none = () => [];

/** The parts of a user's object, without its alarm. */
async function withUser(name: string, body: (user: UserContext) => unknown, on = true): Promise<void> {
  const userId = `@${name}:roost.test` as UserId;
  const stub = testEnv.USERS.getByName(userId) as unknown as DurableObjectStub;
  const config = { ...readConfig(testEnv), presence: on };
  await runInDurableObject(stub, (_instance, { storage }) =>
    body(makeUserContext(userId, new Sqlite(storage), watchPresence(userId, config))),
  );
}

test('without a device that syncs, who was online is away at the first look and offline at the second', () =>
  withUser('look', (user) => {
    notePresence(user, phone, 'online', none, nowMs);
    expect(ownPresence(user)).toMatchObject({ state: 'online', lastActiveMs: nowMs });
    // Between two syncs nobody waits.
    expect(lookForPresence(user, [], nowMs + 30_000)).toBeGreaterThan(nowMs);
    expect(ownPresence(user).state).toBe('online');
    expect(lookForPresence(user, [{ deviceId: phone, state: 'online' }], nowMs + 3 * minute)).toBeDefined();
    expect(ownPresence(user).state).toBe('online');
    expect(lookForPresence(user, [], nowMs + 6 * minute)).toBeDefined();
    expect(ownPresence(user)).toMatchObject({ state: 'unavailable', lastActiveMs: nowMs });
    expect(lookForPresence(user, [], nowMs + 9 * minute)).toBe(undefined);
    expect(ownPresence(user).state).toBe('offline');
  }));

test('of several devices the most present one counts, as long as it syncs', () =>
  withUser('devices', (user) => {
    notePresence(user, laptop, 'online', none, nowMs);
    notePresence(user, phone, 'unavailable', none, nowMs + 1000);
    expect(ownPresence(user).state).toBe('online');
    const waiting = [{ deviceId: laptop, state: 'online' as const }];
    notePresence(user, phone, 'unavailable', () => waiting, nowMs + 2 * minute);
    expect(ownPresence(user).state).toBe('online');
    notePresence(user, phone, 'unavailable', none, nowMs + 2 * minute);
    expect(ownPresence(user).state).toBe('unavailable');
  }));

test('what the user says lasts until a sync says otherwise, and the words of it last longer', () =>
  withUser('words', (user) => {
    setPresence(user, 'unavailable', 'at lunch', nowMs);
    notePresence(user, phone, 'offline', none, nowMs);
    expect(ownPresence(user)).toMatchObject({ state: 'unavailable', statusMsg: 'at lunch', lastActiveMs: 0 });
    // A sync that waits since before does not take it back.
    lookForPresence(user, [{ deviceId: phone, state: 'online' }], nowMs);
    expect(ownPresence(user).state).toBe('unavailable');
    notePresence(user, phone, 'online', none, nowMs);
    expect(ownPresence(user)).toMatchObject({ state: 'online', statusMsg: 'at lunch' });
  }));

test('a sync that says what is known writes nothing', () =>
  withUser('quiet', (user) => {
    notePresence(user, phone, 'online', none, nowMs);
    const writes = [vi.spyOn(Sqlite.prototype, 'run'), vi.spyOn(Sqlite.prototype, 'setAlarm')];
    notePresence(user, phone, 'online', none, nowMs + minute);
    lookForPresence(user, [{ deviceId: phone, state: 'online' }], nowMs + 3 * minute);
    for (const write of writes) expect(write).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  }));

test('people of this server are told; ghosts and people of others are not', () =>
  withUser('tells', async (user) => {
    const room = FakeRoom.created('tells', user.userId, '@otto:roost.test');
    for (const other of ['@_test_ghost:roost.test', '@far:elsewhere.test']) room.member(other, 'join');
    applyRoomDelta(user, room.snapshot(), nowMs);
    const calls: [UserId, PresenceNews][] = [];
    const reply: PresenceReply = {
      kind: 'acquainted',
      presence: { state: 'online', statusMsg: undefined, lastActiveMs: nowMs },
    };
    const tell = async (userId: UserId, news: PresenceNews) => {
      calls.push([userId, news]);
      // The user changes their mind while the first is told.
      if (calls.length === 1) setPresence(user, 'online', 'news', nowMs);
      return reply;
    };
    expect(await tellPresence(user, tell)).toBe(true);
    expect(calls.map(([userId, { presence }]) => [userId, presence.statusMsg])).toEqual([
      ['@otto:roost.test', undefined],
      ['@otto:roost.test', 'news'],
    ]);
    expect(calls[1]?.[1]).toMatchObject({ from: user.userId, isGreeting: true, rooms: [room.roomId] });
    await tellPresence(user, tell);
    expect(calls).toHaveLength(2);
    // They turn out to share no room any more.
    room.member('@otto:roost.test', 'leave');
    applyRoomDelta(user, room.delta(), nowMs);
    await tellPresence(user, async () => ({ kind: 'stranger' }));
    expect(allPresence(user.sqlite).map(({ userId }) => userId)).toEqual([user.userId]);
  }));

test('of people elsewhere those count who share a room, which is asked once; with their departure they are gone', () =>
  withUser('elsewhere', (user) => {
    const far = '@far:elsewhere.test' as UserId;
    const told = [{ userId: far, state: 'online' as const, statusMsg: 'far', lastActiveMs: nowMs }];
    const room = FakeRoom.created('elsewhere', user.userId, '@otto:roost.test');
    applyRoomDelta(user, room.snapshot(), nowMs);
    expect(learnPresence(user, told, [])).toEqual([far]);
    expect(learnPresence(user, told, []), 'asked once').toEqual([]);
    expect(knownPresence(user, far)).toBe(undefined);
    room.member(far, 'join');
    applyRoomDelta(user, room.delta(), nowMs);
    expect(learnPresence(user, told, []), 'asked anew').toEqual([far]);
    expect(learnPresence(user, told, [far])).toEqual([]);
    expect(knownPresence(user, far)).toMatchObject({ state: 'online', statusMsg: 'far' });
    room.member(far, 'leave');
    applyRoomDelta(user, room.delta(), nowMs);
    expect(knownPresence(user, far)).toBe(undefined);
    learnPresence(user, told, [far]);
    room.member(user.userId, 'leave');
    applyRoomDelta(user, room.delta(), nowMs);
    expect(knownPresence(user, far)).toBe(undefined);
  }));

test('where presence is off nothing is learned from elsewhere', () =>
  withUser(
    'elsewhere-off',
    (user) => {
      const far = '@far:elsewhere.test' as UserId;
      const told = [{ userId: far, state: 'online' as const, statusMsg: undefined, lastActiveMs: nowMs }];
      expect(learnPresence(user, told, [far])).toEqual([]);
      expect(allPresence(user.sqlite)).toEqual([]);
    },
    false,
  ));

test('who cannot be told does not keep others from it, and is told later', () =>
  withUser('fails', async (user) => {
    const room = FakeRoom.created('fails', user.userId, '@broken:roost.test');
    room.member('@otto:roost.test', 'join');
    applyRoomDelta(user, room.snapshot(), nowMs);
    const told: string[] = [];
    const tell = async (userId: UserId): Promise<PresenceReply> => {
      if (userId === '@broken:roost.test' && told.length < 2) throw new Error('overloaded');
      told.push(userId);
      return { kind: 'acquainted', presence: ownPresence(user) };
    };
    expect(await tellPresence(user, tell)).toBe(false);
    expect(told).toEqual(['@otto:roost.test']);
    setPresence(user, 'online', undefined, nowMs);
    await tellPresence(user, tell);
    expect(await tellPresence(user, tell)).toBe(true);
    expect(told).toEqual(['@otto:roost.test', '@otto:roost.test', '@broken:roost.test']);
  }));

test.each([
  ['sync', {}, 'online'],
  ['sync', { set_presence: 'unavailable' }, 'unavailable'],
  ['sync', { set_presence: 'offline' }, 'offline'],
  ['sliding', { pos: '1', timeout: '30000' }, 'online'],
  ['sliding', { pos: '1', timeout: '1000' }, undefined],
  ['sliding', { timeout: '30000' }, undefined],
  ['sliding', { set_presence: 'online' }, 'online'],
] as const)('%s with %j says %s', (kind, query, state) => {
  expect(presenceOfCall({ kind, query, caller: { deviceId: phone } })).toBe(state);
});

test('where presence is off, nothing is written', () =>
  withUser(
    'off',
    (user) => {
      const room = FakeRoom.created('off', user.userId, '@otto:roost.test');
      applyRoomDelta(user, room.snapshot(), nowMs);
      notePresence(user, phone, 'online', none, nowMs);
      setPresence(user, 'online', 'hello', nowMs);
      expect(allPresence(user.sqlite)).toEqual([]);
      expect(user.sqlite.all('SELECT * FROM due_work')).toEqual([]);
    },
    false,
  ));
