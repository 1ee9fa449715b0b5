import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Results {
  count?: number;
  next_batch?: string;
  results?: {
    result: ClientEvent;
    context?: { events_before?: ClientEvent[]; events_after?: ClientEvent[] };
  }[];
}

async function search(user: User, criteria: object, nextBatch?: string): Promise<Results> {
  const { search_categories: categories } = await user.ok<{ search_categories: { room_events: Results } }>(
    'POST',
    '/v3/search',
    { search_categories: { room_events: { keys: ['content.body'], ...criteria } } },
    { next_batch: nextBatch },
  );
  return categories.room_events;
}

function idsOf(results: Results): string[] {
  return (results.results ?? []).map(({ result }) => result.event_id);
}

describe('TestSearch', () => {
  const account = shared(() => newUser());

  test('Can search for an event by body', async () => {
    const user = await account();
    const roomId = await user.createRoom();
    const eventId = await user.message(roomId, 'hello, world');
    await user.message(roomId, 'something else');
    const results = await search(user, { search_term: 'hello', filter: { rooms: [roomId] } });
    expect(idsOf(results)).toEqual([eventId]);
    expect(results.count).toBe(1);
    expect(results.results?.[0]?.result).toMatchObject({
      room_id: roomId,
      content: { body: 'hello, world' },
    });
  });

  test('Can get context around search results', async () => {
    const user = await account();
    const roomId = await user.createRoom();
    const ids = await user.messages(roomId, 'Message number', 7);
    const results = await search(user, {
      search_term: 'Message number 3',
      filter: { rooms: [roomId] },
      order_by: 'recent',
      event_context: { before_limit: 2, after_limit: 2 },
    });
    const found = results.results?.find(({ result }) => result.event_id === ids[3]);
    const around = (events: ClientEvent[] = []) => events.map((event) => event.event_id);
    expect(around(found?.context?.events_before)).toEqual([ids[2], ids[1]]);
    expect(around(found?.context?.events_after)).toEqual([ids[4], ids[5]]);
  });

  test('Can back-paginate search results', async () => {
    const user = await account();
    const roomId = await user.createRoom();
    const ids = await user.messages(roomId, 'paginated', 15);
    const criteria = { search_term: 'paginated', order_by: 'recent', filter: { limit: 10, rooms: [roomId] } };
    const first = await search(user, criteria);
    expect(first.count).toBe(15);
    const found = idsOf(first);
    expect(found).toHaveLength(10);
    expect(first.next_batch).toEqual(expect.any(String));
    const second = await search(user, criteria, first.next_batch);
    found.push(...idsOf(second));
    expect(found).toEqual(ids.toReversed());
  });

  test('Search works across an upgraded room and its predecessor', async () => {
    const user = await account();
    const roomId = await user.createRoom({ room_version: '10' });
    const old = await user.message(roomId, 'across rooms, before');
    const { replacement_room: replacement } = await user.ok<{ replacement_room: string }>(
      'POST',
      p`/v3/rooms/${roomId}/upgrade`,
      { new_version: '11' },
    );
    const young = await user.message(replacement, 'across rooms, after');
    const results = await search(user, {
      search_term: 'across',
      order_by: 'recent',
      filter: { rooms: [roomId, replacement] },
    });
    expect(new Set(idsOf(results))).toEqual(new Set([old, young]));
  });

  for (const order of ['rank', 'recent']) {
    test(`Search results with ${order} ordering do not include redacted events`, async () => {
      const user = await account();
      const roomId = await user.createRoom();
      const kept = await user.message(roomId, 'This message is kept');
      const gone = await user.message(roomId, 'This message is redacted');
      await user.redact(roomId, gone);
      const results = await search(user, {
        search_term: 'message',
        order_by: order,
        filter: { rooms: [roomId] },
      });
      expect(idsOf(results)).toEqual([kept]);
    });
  }

  test('Nobody finds what is in rooms of others', async () => {
    const user = await account();
    const roomId = await user.createRoom();
    await user.message(roomId, 'a secret');
    const stranger = await newUser('stranger');
    expect(idsOf(await search(stranger, { search_term: 'secret' }))).toEqual([]);
  });
});

testAnswersOf('apidoc_search');
