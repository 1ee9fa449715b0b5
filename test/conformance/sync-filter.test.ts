import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';

describe('TestSyncFilter', () => {
  const account = shared(() => newUser());
  const filter = { room: { timeline: { limit: 10, types: ['m.room.message'] } } };

  test('Can create filter', async () => {
    const user = await account();
    const { filter_id: id } = await user.ok<{ filter_id: string }>(
      'POST',
      p`/v3/user/${user.userId}/filter`,
      filter,
    );
    // A `{` at its beginning would make it JSON.
    expect(id).toMatch(/^[^{]/);
  });

  test('Can download filter', async () => {
    const user = await account();
    const path = p`/v3/user/${user.userId}/filter`;
    const { filter_id: id } = await user.ok<{ filter_id: string }>('POST', path, filter);
    expect(await user.ok('GET', `${path}/${encodeURIComponent(id)}`)).toEqual(filter);
    const roomId = await user.createRoom();
    const eventId = await user.message(roomId, 'Hello');
    const sync = await user.sync({ filter: id });
    const timeline = sync.rooms?.join?.[roomId]?.timeline?.events ?? [];
    expect(timeline.map((event) => event.event_id)).toEqual([eventId]);
  });

  for (const version of ['2', '10', '12']) {
    test(`event_format gives the events of a room of version ${version} as servers exchange them`, async () => {
      const user = await account();
      const roomId = await user.createRoom({ room_version: version });
      const eventId = await user.message(roomId, 'Hello');
      const filtered = await user.sync({ filter: JSON.stringify({ event_format: 'federation' }) });
      const room = filtered.rooms?.join?.[roomId];
      const events = [
        ...(room?.state?.events ?? []),
        ...(room?.timeline?.events ?? []),
      ] as unknown as JsonEvent[];
      expect(events.length).toBeGreaterThan(5);
      for (const event of events) {
        expect(event).toMatchObject({
          event_id: expect.stringMatching(/^\$/),
          depth: expect.any(Number),
          prev_events: expect.any(Array),
          auth_events: expect.any(Array),
          hashes: { sha256: expect.any(String) },
          signatures: expect.any(Object),
        });
      }
      const message = events.find((event) => event.event_id === eventId);
      const [previous] = (message?.prev_events ?? []) as (string | [string])[];
      expect(events.map((event) => event.event_id)).toContain(
        Array.isArray(previous) ? previous[0] : previous,
      );
      const since = filtered.next_batch;
      const [later, next] = await Promise.all([
        user.sync({ filter: JSON.stringify({ event_format: 'federation' }), since, timeout: 20_000 }),
        user.message(roomId, 'Again'),
      ]);
      const [news] = (later.rooms?.join?.[roomId]?.timeline?.events ?? []) as unknown as JsonEvent[];
      expect(news).toMatchObject({ event_id: next, hashes: { sha256: expect.any(String) } });
      const plain = await user.sync({ filter: JSON.stringify({ event_format: 'client' }) });
      const last = plain.rooms?.join?.[roomId]?.timeline?.events?.at(-1);
      expect(last).not.toHaveProperty('hashes');
    });
  }
});

type JsonEvent = Record<string, unknown>;

testAnswersOf('sync_filter');
