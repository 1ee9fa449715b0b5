import { applyD1Migrations } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { AppserviceClient } from '../../../../../appservice/client.ts';
import { receive } from '../../../../../appservice/receiver.ts';
import type { Transaction } from '../../../../../appservice/transactions.ts';
import init from '../../../../../migrations/d1/homeserver/0001_init.sql';
import type { Env } from '../../../env.ts';

/** Both sides of the Application Service API together: our client and receiver against our homeserver. */

const received: Transaction[] = [];

beforeAll(async () => {
  const queries = init.split(';').filter((query) => query.trim() !== '');
  await applyD1Migrations((env as unknown as Env).DB, [{ name: '0001_init', queries }]);
  vi.stubGlobal('fetch', (url: string, request: RequestInit) =>
    receive(new Request(url, request), 'test-hs-token', {
      transaction: async (transaction) => {
        received.push(transaction);
      },
      queryUser: async (userId) => {
        if (!userId.startsWith('@_test_asked')) return false;
        await bot.register('_test_asked');
        return true;
      },
    }),
  );
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const bot = new AppserviceClient({
  homeserverUrl: 'https://roost.test',
  asToken: 'test-as-token',
  fetch: (url, request) =>
    (exports as unknown as { default: Fetcher }).default.fetch(new Request(url, request)),
});

const eventIds = () => received.flatMap(({ events }) => events.map(({ event_id }) => event_id));

test('the bot is known from the start', async () => {
  expect((await bot.getTokenOwner()).user_id).toBe('@testbot:roost.test');
  expect(await bot.pingAppservice('test', 'at-start')).toBeGreaterThanOrEqual(0);
});

test('a ghost is made, joins, speaks in the past, and the service hears of all of it in order', async () => {
  await bot.register('_test_ghost');
  await bot.register('_test_ghost');
  const ghost = bot.asUser('@_test_ghost:roost.test');
  const roomId = await bot.createRoom({ name: 'Portal', invite: ['@_test_ghost:roost.test'] });
  expect(await ghost.joinRoom(roomId)).toBe(roomId);
  const first = await ghost.sendMessage(
    roomId,
    'm.room.message',
    'remote-1',
    { body: 'a' },
    { ts: 1_000_000 },
  );
  expect(await ghost.sendMessage(roomId, 'm.room.message', 'remote-1', { body: 'a' })).toBe(first);
  const topic = await bot.setRoomStateWithKey(roomId, 'm.room.topic', '', { topic: 'Said elsewhere' });

  expect(await ghost.getOneRoomEvent(roomId, first)).toMatchObject({
    sender: '@_test_ghost:roost.test',
    origin_server_ts: 1_000_000,
  });
  expect(await bot.getRoomStateWithKey(roomId, 'm.room.topic', '')).toEqual({ topic: 'Said elsewhere' });
  expect(await bot.getRoomStateWithKey(roomId, 'm.room.avatar', '')).toBeUndefined();
  expect((await bot.getMembersByRoom(roomId)).map(({ state_key }) => state_key).sort()).toEqual([
    '@_test_ghost:roost.test',
    '@testbot:roost.test',
  ]);

  await vi.waitFor(() => expect(eventIds()).toContain(topic));
  const heard = received.flatMap(({ events }) => events).filter((event) => event.room_id === roomId);
  expect(heard[0]).toMatchObject({ type: 'm.room.member', state_key: '@testbot:roost.test' });
  expect(new Set(heard.map(({ event_id }) => event_id)).size).toBe(heard.length);
  expect(heard.slice(-2).map(({ event_id }) => event_id)).toEqual([first, topic]);
  expect(heard.at(-2)?.unsigned?.age).toBeGreaterThan(0);
});

test('an invited user who does not exist is asked for, and only then refused', async () => {
  const roomId = await bot.createRoom({});
  await bot.inviteUser(roomId, '@_test_asked:roost.test');
  await expect(bot.inviteUser(roomId, '@_test_other:roost.test')).rejects.toMatchObject({ status: 404 });
});

test('C2: a service acts for nobody outside its namespace', async () => {
  await expect(bot.asUser('@somebody:roost.test').getTokenOwner()).rejects.toMatchObject({
    status: 403,
    errcode: 'M_EXCLUSIVE',
  });
});

test('media goes up and comes down', async () => {
  const mxc = await bot.uploadContent({
    body: new Uint8Array([1, 2, 3]),
    contentType: 'image/png',
    fileName: 'dots.png',
  });
  const response = await bot.getContentAuthed(mxc);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  expect(response.headers.get('content-disposition')).toBe('inline; filename="dots.png"');
  const streamed = await bot.uploadContent({
    body: new Blob(['streamed']).stream(),
    contentType: 'text/plain',
  });
  expect(await (await bot.getContentAuthed(streamed, { range: 'bytes=0-2' })).text()).toBe('str');
});
