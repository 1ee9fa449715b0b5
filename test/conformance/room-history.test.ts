import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Context {
  start: string;
  end: string;
  event: ClientEvent;
  events_before: ClientEvent[];
  events_after: ClientEvent[];
  state: ClientEvent[];
}

function ids(events: ClientEvent[]): string[] {
  return events.map((event) => event.event_id);
}

describe('Context of an event', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({ name: 'The room' });
    await bob.join(roomId);
    return { alice, bob, roomId, sent: await alice.messages(roomId, 'message', 9) };
  });

  function contextOf(
    user: User,
    roomId: string,
    eventId: string,
    query: Record<string, string | number> = {},
  ) {
    return user.ok<Context>('GET', p`/v3/rooms/${roomId}/context/${eventId}`, undefined, query);
  }

  test('It has the events around, the nearest first, and the state', async () => {
    const { alice, roomId, sent } = await setting();
    const context = await contextOf(alice, roomId, sent[4] ?? '', { limit: 4 });
    expect(context.event.event_id).toBe(sent[4]);
    expect(ids(context.events_before)).toEqual([sent[3], sent[2]]);
    expect(ids(context.events_after)).toEqual([sent[5], sent[6]]);
    expect(context.state.find((event) => event.type === 'm.room.name')?.content.name).toBe('The room');
  });

  test('With a limit of 0 it is the event alone', async () => {
    const { alice, roomId, sent } = await setting();
    const context = await contextOf(alice, roomId, sent[4] ?? '', { limit: 0 });
    expect([context.event.event_id, context.events_before, context.events_after]).toEqual([sent[4], [], []]);
  });

  test('Pages go on from both ends', async () => {
    const { alice, roomId, sent } = await setting();
    const { start, end } = await contextOf(alice, roomId, sent[4] ?? '', { limit: 2 });
    const before = await alice.pageOf(roomId, { dir: 'b', from: start, limit: 2 });
    expect(ids(before.chunk)).toEqual([sent[2], sent[1]]);
    const after = await alice.pageOf(roomId, { dir: 'f', from: end, limit: 2 });
    expect(ids(after.chunk)).toEqual([sent[6], sent[7]]);
  });

  test('With lazy members only the senders are in the state', async () => {
    const { bob, alice, roomId, sent } = await setting();
    const filter = JSON.stringify({ lazy_load_members: true });
    const context = await contextOf(bob, roomId, sent[8] ?? '', { limit: 2, filter });
    const members = context.state.filter((event) => event.type === 'm.room.member');
    expect(members.map((event) => event.state_key)).toEqual([alice.userId]);
  });

  test('Strangers get nothing', async () => {
    const { roomId, sent } = await setting();
    const stranger = await newUser('stranger');
    const [status] = await stranger.refusal('GET', p`/v3/rooms/${roomId}/context/${sent[0] ?? ''}`);
    expect([403, 404]).toContain(status);
  });
});

describe('Filters of events', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const plain = await alice.message(roomId, 'plain');
    const ofBob = await bob.message(roomId, 'of bob');
    const withUrl = await alice.send(roomId, 'm.room.message', {
      msgtype: 'm.file',
      body: 'file',
      url: 'mxc://example.org/file',
    });
    const sticker = await alice.send(roomId, 'm.sticker', {
      body: 'sticker',
      url: 'mxc://e.org/s',
      info: {},
    });
    return { alice, bob, roomId, plain, ofBob, withUrl, sticker };
  });

  /** The messages and stickers that a filter lets through, by a page and by a sync. */
  async function passing(filter: Record<string, unknown>): Promise<Set<string>> {
    const { alice, roomId } = await setting();
    const only = (events: ClientEvent[]) =>
      ids(events.filter((event) => ['m.room.message', 'm.sticker'].includes(event.type)));
    const page = await alice.pageOf(roomId, { dir: 'b', limit: 50, filter: JSON.stringify(filter) });
    const room = { timeline: { limit: 50, ...filter } };
    const sync = await alice.sync({ filter: JSON.stringify({ room }) });
    const timeline = sync.rooms?.join?.[roomId]?.timeline?.events ?? [];
    expect(new Set(only(timeline))).toEqual(new Set(only(page.chunk)));
    return new Set(only(page.chunk));
  }

  test('by type, with wildcards', async () => {
    const { plain, ofBob, withUrl, sticker } = await setting();
    expect(await passing({ types: ['m.sticker'] })).toEqual(new Set([sticker]));
    expect(await passing({ types: ['m.room.mess*'] })).toEqual(new Set([plain, ofBob, withUrl]));
    expect(await passing({ not_types: ['m.room.*'] })).toEqual(new Set([sticker]));
    expect(await passing({ types: ['m.sticker'], not_types: ['m.sticker'] })).toEqual(new Set());
  });

  test('by sender', async () => {
    const { alice, bob, plain, ofBob, withUrl, sticker } = await setting();
    expect(await passing({ senders: [bob.userId] })).toEqual(new Set([ofBob]));
    expect(await passing({ not_senders: [bob.userId] })).toEqual(new Set([plain, withUrl, sticker]));
    expect(await passing({ senders: [alice.userId], not_senders: [alice.userId] })).toEqual(new Set());
  });

  test('by whether there is a URL', async () => {
    const { plain, ofBob, withUrl, sticker } = await setting();
    expect(await passing({ contains_url: true })).toEqual(new Set([withUrl, sticker]));
    expect(await passing({ contains_url: false })).toEqual(new Set([plain, ofBob]));
  });

  async function roomsOfSync(room: object): Promise<string[]> {
    const { alice } = await setting();
    return Object.keys((await alice.sync({ filter: JSON.stringify({ room }) })).rooms?.join ?? {});
  }

  test('by room, in a sync', async () => {
    const { alice } = await setting();
    const other = await alice.createRoom();
    expect(await roomsOfSync({ rooms: [other] })).toEqual([other]);
  });

  test('by room that is not wanted, in a sync', async () => {
    const { alice, roomId } = await setting();
    const other = await alice.createRoom();
    const rooms = await roomsOfSync({ not_rooms: [other] });
    expect([rooms.includes(roomId), rooms.includes(other)]).toEqual([true, false]);
  });

  test('Fields that are not asked for are left out', async () => {
    const { alice, roomId } = await setting();
    // All but one of those that every event has.
    const fields = ['type', 'sender', 'event_id', 'origin_server_ts', 'content.body'];
    const room = { rooms: [roomId], timeline: { types: ['m.sticker'] }, state: { types: [] } };
    const filter = JSON.stringify({ event_fields: fields, room });
    const sync = await alice.sync({ filter });
    const event = sync.rooms?.join?.[roomId]?.timeline?.events.at(-1);
    expect(Object.keys(event ?? {}).sort()).toEqual([
      'content',
      'event_id',
      'origin_server_ts',
      'sender',
      'type',
    ]);
    expect(event?.content).toEqual({ body: 'sticker' });
  });
});

describe('Edits and reactions', () => {
  test('An edit is bundled with what it replaces', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const original = await user.message(roomId, 'before');
    const edit = await user.message(roomId, '* after', {
      'm.new_content': { msgtype: 'm.text', body: 'after' },
      'm.relates_to': { rel_type: 'm.replace', event_id: original },
    });
    const event = await user.ok<ClientEvent>('GET', p`/v3/rooms/${roomId}/event/${original}`);
    const relations = event.unsigned?.['m.relations'] as Record<string, { event_id?: string }> | undefined;
    expect(relations?.['m.replace']?.event_id).toBe(edit);
    // The original stays what it was (v1.7 of the specification on).
    expect(event.content.body).toBe('before');
  });

  test('The same reaction of the same user is refused', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const original = await user.message(roomId, 'react to this');
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: original, key: '👍' } };
    const first = await user.send(roomId, 'm.reaction', content);
    const path = p`/v3/rooms/${roomId}/send/m.reaction/again`;
    expect(await user.refusal('PUT', path, content)).toEqual([400, 'M_DUPLICATE_ANNOTATION']);
    await user.redact(roomId, first);
    await user.send(roomId, 'm.reaction', content);
  });
});

testAnswersOf('room_history');
