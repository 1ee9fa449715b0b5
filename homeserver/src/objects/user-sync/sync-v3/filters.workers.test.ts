import { expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';
const carol = '@carol:roost.test';

test('filters: types, senders, links, rooms, and each kind of data by itself', async () => {
  const alice = await TestClient.login('v3-filters');
  const room = FakeRoom.created('v3-filters', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const { next_batch: since } = await alice.sync();
  const other = FakeRoom.created('v3-filters-other', alice.userId, bob);
  room.add(bob, 'm.room.message', { body: 'picture', url: 'mxc://x/y' });
  room.message(carol, 'text');
  room.add(bob, 'm.sticker', { body: 'sticker', url: 'mxc://x/z' });
  other.message(bob, 'elsewhere');
  await alice.user.applyRoomDelta(other.snapshot());
  const event = room.message(bob, 'last');
  const receipts = { [event.event_id]: { 'm.read': { [carol]: { ts: 1 } } } };
  await alice.user.applyRoomDelta(room.delta({ typing: [bob as UserId], receipts }));
  await alice.user.putAccountData('m.tag', { tags: {} }, room.roomId);
  await alice.user.putAccountData('m.fully_read', { event_id: event.event_id }, room.roomId);
  await alice.user.putAccountData('org.example.global', { a: 1 });
  const ask = async (filter: Json) => alice.sync({ since, filter: JSON.stringify(filter) });
  const timeline = async (filter: Json) => {
    const { events } = (await ask({ room: { timeline: filter } })).rooms.join[room.roomId].timeline;
    return events.map((shown: Json) => shown.content.body);
  };
  expect(await timeline({})).toEqual(['picture', 'text', 'sticker', 'last']);
  expect(await timeline({ contains_url: true })).toEqual(['picture', 'sticker']);
  expect(await timeline({ contains_url: false })).toEqual(['text', 'last']);
  expect(await timeline({ senders: [carol] })).toEqual(['text']);
  expect(await timeline({ not_senders: [carol], not_types: ['m.st*'] })).toEqual(['picture', 'last']);
  expect(await timeline({ types: [] })).toEqual([]);
  expect(await timeline({ not_rooms: [room.roomId] })).toEqual([]);
  const only = await ask({ room: { rooms: [room.roomId] } });
  expect(Object.keys(only.rooms.join)).toEqual([room.roomId]);
  const without = await ask({ room: { rooms: [room.roomId], not_rooms: [room.roomId] } });
  expect(without).not.toHaveProperty('rooms');
  const types = (events: Json[]) => events.map(({ type }) => type).sort();
  const quiet = await ask({
    account_data: { not_types: ['org.example.*'] },
    room: { account_data: { types: ['m.tag'] }, ephemeral: { not_types: ['m.receipt'] } },
  });
  expect(quiet).not.toHaveProperty('account_data');
  expect(types(quiet.rooms.join[room.roomId].account_data.events)).toEqual(['m.tag']);
  expect(types(quiet.rooms.join[room.roomId].ephemeral.events)).toEqual(['m.typing']);
  const all = await ask({});
  expect(types(all.account_data.events)).toEqual(['org.example.global']);
  expect(types(all.rooms.join[room.roomId].account_data.events)).toEqual(['m.fully_read', 'm.tag']);
  expect(types(all.rooms.join[room.roomId].ephemeral.events)).toEqual(['m.receipt', 'm.typing']);
  for (const presence of ['offline', 'online', 'unavailable']) {
    expect((await alice.rawSync({ since, set_presence: presence })).status).toBe(200);
  }
  expect((await alice.rawSync({ since, set_presence: 'away' })).status).toBe(400);
});
