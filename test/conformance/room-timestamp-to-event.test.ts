import { describe, expect } from 'vitest';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { eventually } from './lib/eventually.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { p } from './lib/http.ts';
import { newGhost, newUser, newUsers } from './lib/register.ts';
import { User } from './lib/user.ts';

describe('TestJumpToDateEndpoint', () => {
  const setting = shared(async () => {
    const user = await newUser();
    const roomId = await user.createPublicRoom();
    const [a = '', b = ''] = await user.messages(roomId, 'message', 2);
    const times = await Promise.all([a, b].map((eventId) => timeOf(user, roomId, eventId)));
    return { user, roomId, a, b, aMs: times[0] ?? 0, bMs: times[1] ?? 0 };
  });

  async function timeOf(user: User, roomId: string, eventId: string): Promise<number> {
    const event = await user.ok<ClientEvent>('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
    return event.origin_server_ts;
  }

  function jump(user: User, roomId: string, ts: number, dir: 'f' | 'b') {
    return user.call<{ event_id: string; origin_server_ts: number; errcode: string }>(
      'GET',
      p`/v1/rooms/${roomId}/timestamp_to_event`,
      undefined,
      { ts, dir },
    );
  }

  test('should find event after given timestamp', async () => {
    const { user, roomId, a, aMs } = await setting();
    const { status, body } = await jump(user, roomId, aMs, 'f');
    expect(status).toBe(200);
    expect(body.origin_server_ts).toBe(aMs);
    // Another event may have the same millisecond; the first of them is meant.
    const first = await timeOf(user, roomId, body.event_id);
    expect([first, a.length > 0]).toEqual([aMs, true]);
  });

  test('should find event before given timestamp', async () => {
    const { user, roomId, b, bMs } = await setting();
    const { body } = await jump(user, roomId, bMs + 1000, 'b');
    expect([body.event_id, body.origin_server_ts]).toEqual([b, bMs]);
  });

  // Only application services say what time their events are of.
  const simultaneous = shared(async () => {
    const ghost = await newGhost();
    if (!ghost) return undefined;
    const as = { user_id: ghost.userId };
    const { room_id: roomId } = await ghost.ok<{ room_id: string }>('POST', '/v3/createRoom', {}, as);
    const ts = Date.now() - 24 * 60 * 60 * 1000;
    const events: string[] = [];
    for (const body of ['a', 'b', 'c']) {
      const path = p`/v3/rooms/${roomId}/send/m.room.message/${body}`;
      const message = { msgtype: 'm.text', body };
      const sent = await ghost.ok<{ event_id: string }>('PUT', path, message, { ...as, ts });
      events.push(sent.event_id);
    }
    const found = async (dir: 'f' | 'b') =>
      ghost.call<{ event_id: string }>('GET', p`/v1/rooms/${roomId}/timestamp_to_event`, undefined, {
        ...as,
        ts,
        dir,
      });
    return { events, found };
  });

  test('should find next event topologically after given timestamp when all message timestamps are the same', async () => {
    const room = await simultaneous();
    if (!room) skip('no application service is known to the server');
    expect((await room.found('f')).body.event_id).toBe(room.events[0]);
  });

  test('should find next event topologically before given timestamp when all message timestamps are the same', async () => {
    const room = await simultaneous();
    if (!room) skip('no application service is known to the server');
    expect((await room.found('b')).body.event_id).toBe(room.events.at(-1));
  });

  test('should find nothing before the earliest timestamp', async () => {
    const { user, roomId } = await setting();
    const { status, body } = await jump(user, roomId, 1000, 'b');
    expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND']);
  });

  test('should find nothing after the latest timestamp', async () => {
    const { user, roomId, bMs } = await setting();
    const { status, body } = await jump(user, roomId, bMs + 10_000_000, 'f');
    expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND']);
  });

  test('should not be able to query a private room you are not a member of', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    const { status, body } = await jump(bob, roomId, 1000, 'f');
    expect([status, body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  });

  test('should not be able to query a public room you are not a member of', async () => {
    const { roomId } = await setting();
    const stranger = await newUser('stranger');
    const { status, body } = await jump(stranger, roomId, 1000, 'f');
    expect([status, body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  });
});

describe('TestJumpToDateEndpoint > federation', () => {
  /** Two messages at times that differ, in a room that is then joined from another server. */
  const room = async (before?: (alice: User, roomId: string) => Promise<void>) => {
    const [alice, charlie] = await usersOnServers('alice', 'charlie');
    const roomId = await alice.createPublicRoom();
    const [a = '', b = ''] = [await alice.message(roomId, 'A'), await alice.message(roomId, 'B')];
    await before?.(alice, roomId);
    await charlie.join(roomId, {}, [alice.serverName]);
    const timeOf = async (eventId: string) => {
      const event = await alice.ok<ClientEvent>('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
      return event.origin_server_ts;
    };
    return { alice, charlie, roomId, a, b, aMs: await timeOf(a), bMs: await timeOf(b) };
  };

  const jump = (user: User, roomId: string, ts: number, dir: 'f' | 'b') =>
    user.ok<{ event_id: string; origin_server_ts: number }>(
      'GET',
      p`/v1/rooms/${roomId}/timestamp_to_event`,
      undefined,
      { ts, dir },
    );

  test('looking forwards, should be able to find event that was sent before we joined', async () => {
    const { charlie, roomId, aMs } = await room();
    // Another event may have the same millisecond.
    expect((await jump(charlie, roomId, aMs, 'f')).origin_server_ts).toBe(aMs);
  });

  test('looking backwards, should be able to find event that was sent before we joined', async () => {
    const { charlie, roomId, b, bMs } = await room();
    const found = await jump(charlie, roomId, bMs, 'b');
    expect([found.event_id, found.origin_server_ts]).toEqual([b, bMs]);
  });

  test('when looking backwards before the room was created, should be able to find event that was imported', async () => {
    const beforeMs = Date.now() - 60_000;
    let imported = '';
    const { charlie, roomId } = await room(async (_alice, id) => {
      const { facts, url } = await homeserver('hs1');
      const bridge = { user_id: '', access_token: facts.appservice.token, device_id: '' };
      const bot = new User(bridge, '', url);
      await bot.join(id);
      const path = p`/v3/rooms/${id}/send/m.room.message/old`;
      const message = { msgtype: 'm.text', body: 'old imported event' };
      const ts = Date.UTC(2022, 0, 3);
      imported = (await bot.ok<{ event_id: string }>('PUT', path, message, { ts })).event_id;
    });
    expect((await jump(charlie, roomId, beforeMs, 'b')).event_id).toBe(imported);
  });

  for (const end of ['start', 'end'] as const) {
    test(`can paginate backwards after getting remote event from timestamp to event endpoint (${end})`, async () => {
      const { charlie, roomId, a, b, bMs } = await room();
      await jump(charlie, roomId, bMs, 'b');
      const context = await eventually(() =>
        charlie.ok<{ start: string; end: string }>('GET', p`/v3/rooms/${roomId}/context/${b}`, undefined, {
          limit: 0,
        }),
      );
      const page = await charlie.pageOf(roomId, { dir: 'b', limit: 100, from: context[end] });
      const ids = page.chunk.map((event) => event.event_id);
      expect(ids).toContain(a);
      expect(ids.includes(b)).toBe(end === 'end');
    });
  }
});

testAnswersOf('room_timestamp_to_event');
