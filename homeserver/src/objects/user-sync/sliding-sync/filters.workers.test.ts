import { expect, test } from 'vitest';
import { FakeRoom } from '../testing/fake-room.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';

test('a filter shows rooms that account data brings into it, without anything happening in them', async () => {
  const alice = await TestClient.login('ss-filter');
  const room = FakeRoom.created('ss-filter', alice.userId, bob);
  await alice.user.applyRoomDelta(room.snapshot());
  const filtered = (filters: Json): Json => ({ lists: { some: { timeline_limit: 1, filters } } });
  const dms = await alice.sliding(filtered({ is_dm: true }));
  expect(dms.lists.some.count).toBe(0);
  await alice.user.putAccountData('m.direct', { [bob]: [room.roomId] });
  const now = await alice.sliding(filtered({ is_dm: true }), { pos: dms.pos });
  expect(now.rooms[room.roomId]).toMatchObject({ initial: true, is_dm: true });

  const space = FakeRoom.created('ss-filter-space', alice.userId, bob, { type: 'm.space' });
  await alice.user.applyRoomDelta(space.snapshot());
  const count = async (filters: Json) => (await alice.sliding(filtered(filters))).lists.some.count;
  expect(await count({ not_room_types: ['m.space'] })).toBe(1);
  expect(await count({ room_types: [null] })).toBe(1);
  expect(await count({ room_types: ['m.space'], not_room_types: ['m.space'] })).toBe(0);
  expect(await count({ is_encrypted: true })).toBe(0);
  expect(await count({ room_name_like: 'SS-FILTER-SP' })).toBe(1);
  const spaces = { spaces: [space.roomId] };
  const before = await alice.sliding(filtered(spaces));
  expect(before.lists.some.count).toBe(0);
  space.add(bob, 'm.space.child', { via: ['roost.test'] }, room.roomId);
  await alice.user.applyRoomDelta(space.delta());
  const after = await alice.sliding(filtered(spaces), { pos: before.pos });
  expect(Object.keys(after.rooms)).toEqual([room.roomId]);
});

test('every filter, and several together', async () => {
  const alice = await TestClient.login('ss-filters');
  const make = async (
    name: string,
    content: Json = {},
    more?: (room: FakeRoom) => void,
  ): Promise<FakeRoom> => {
    const room = FakeRoom.created(`ssf-${name}`, alice.userId, bob, content);
    more?.(room);
    await alice.user.applyRoomDelta(room.snapshot());
    return room;
  };
  const plain = await make('plain');
  const secret = await make('secret', {}, (room) =>
    room.add(bob, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, ''),
  );
  const custom = await make('custom', { type: 'org.example' });
  const space = await make('space', { type: 'm.space' }, (room) => {
    room.add(bob, 'm.space.child', { via: ['roost.test'] }, plain.roomId);
    // Without `via` it is no child any more.
    room.add(bob, 'm.space.child', {}, secret.roomId);
  });
  const invited = new FakeRoom('ssf-invited', alice.userId);
  invited.add(bob, 'm.room.create', {}, '');
  invited.member(bob, 'join');
  await alice.user.applyRoomDelta(invited.invitation(bob));
  await alice.user.putAccountData('m.direct', { [bob]: [secret.roomId] });
  await alice.user.putAccountData('m.tag', { tags: { 'm.favourite': {}, 'u.work': {} } }, plain.roomId);
  await alice.user.putAccountData('m.tag', { tags: { 'm.lowpriority': {} } }, custom.roomId);
  const names = new Map(
    [plain, secret, custom, space, invited].map((room) => [room.roomId, room.roomId.slice(5, -11)]),
  );
  const filtered = async (filters: Json) => {
    const list = { timeline_limit: 1, required_state: [], filters };
    const answer = await alice.sliding({ lists: { some: list } });
    expect(answer.lists.some.count).toBe(Object.keys(answer.rooms).length);
    return Object.keys(answer.rooms)
      .map((roomId) => names.get(roomId as FakeRoom['roomId']))
      .sort();
  };
  const all = ['custom', 'invited', 'plain', 'secret', 'space'];
  const cases: [Json, string[]][] = [
    [{}, all],
    [{ is_dm: null, tags: null }, all],
    [{ is_dm: true }, ['secret']],
    [{ is_dm: false }, ['custom', 'invited', 'plain', 'space']],
    [{ is_encrypted: true }, ['secret']],
    [{ is_encrypted: false, is_invite: false }, ['custom', 'plain', 'space']],
    [{ is_invite: true }, ['invited']],
    [{ is_invite: false }, ['custom', 'plain', 'secret', 'space']],
    [{ room_types: ['m.space'] }, ['space']],
    [{ room_types: [null] }, ['invited', 'plain', 'secret']],
    [{ room_types: [null, 'org.example'], not_room_types: [null] }, ['custom']],
    [{ not_room_types: ['m.space'] }, ['custom', 'invited', 'plain', 'secret']],
    [{ spaces: [space.roomId] }, ['plain']],
    [{ spaces: ['!unknown:roost.test'] }, []],
    [{ tags: ['m.favourite'] }, ['plain']],
    [{ tags: ['m.favourite', 'm.lowpriority'] }, ['custom', 'plain']],
    [{ tags: ['m.favourite'], not_tags: ['u.work'] }, []],
    [{ not_tags: ['u.work', 'm.lowpriority'] }, ['invited', 'secret', 'space']],
    [{ room_name_like: 'F-SEC' }, ['secret']],
    [{ room_name_like: 'ssf', is_dm: false, room_types: [null], is_invite: false }, ['plain']],
  ];
  for (const [filters, expected] of cases)
    expect([filters, await filtered(filters)]).toEqual([filters, expected]);
  space.member(alice.userId, 'leave');
  await alice.user.applyRoomDelta(space.delta());
  expect(await filtered({ spaces: [space.roomId] })).toEqual([]);
});

test('required_state: wildcards at either place, $ME and $LAZY, and what they come to together', async () => {
  const alice = await TestClient.login('ss-required');
  const room = FakeRoom.created('ss-required', alice.userId, bob);
  room.add(bob, 'org.example.a', {}, 'one');
  room.add(bob, 'org.example.a', {}, 'two');
  room.add(bob, 'org.example.b', {}, 'one');
  room.add(alice.userId, 'org.example.own', {}, alice.userId);
  room.message(bob, 'last');
  await alice.user.applyRoomDelta(room.snapshot());
  const me = `m.room.member|${alice.userId}`;
  const state = async (...lists: [string, string][][]): Promise<string[]> => {
    const config = (required_state: [string, string][]) => ({ timeline_limit: 1, required_state });
    const answer = await alice.sliding({
      lists: Object.fromEntries(lists.map((pairs, index) => [`list${index}`, config(pairs)])),
    });
    const events: Json[] = answer.rooms[room.roomId].required_state ?? [];
    return events.map((event) => `${event.type}|${event.state_key}`).sort();
  };
  const everything = await state([['*', '*']]);
  expect(everything).toHaveLength(11);
  expect(await state([])).toEqual([]);
  expect(await state([['org.example.a', 'one']])).toEqual(['org.example.a|one']);
  expect(await state([['org.example.a', '*']])).toEqual(['org.example.a|one', 'org.example.a|two']);
  expect(await state([['*', 'one']])).toEqual(['org.example.a|one', 'org.example.b|one']);
  expect(await state([['m.room.member', '$ME']])).toEqual([me]);
  expect(await state([['*', '$ME']])).toEqual([me, `org.example.own|${alice.userId}`].sort());
  expect(await state([['m.room.member', '$LAZY']])).toEqual([`m.room.member|${bob}`]);
  const lazily = await state([
    ['*', '*'],
    ['m.room.member', '$LAZY'],
  ]);
  expect(lazily).toEqual(everything.filter((entry) => entry !== me));
  const both = await state([['org.example.a', '*']], [['org.example.b', 'one']]);
  expect(both).toEqual(['org.example.a|one', 'org.example.a|two', 'org.example.b|one']);
});
