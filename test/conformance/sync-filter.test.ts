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
});

testAnswersOf('sync_filter');
