import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { alice, bob, call, createRoom, setUpPeople, stateContent } from '../testing/people.ts';

beforeAll(setUpPeople, 60_000);

const aliasPath = (alias: string) => `/v3/directory/room/${encodeURIComponent(alias)}`;

async function roomWithBob() {
  const room = await createRoom(alice, { preset: 'public_chat' });
  await call(bob, 'POST', `/v3/join/${encodeURIComponent(room.roomId)}`, {});
  return room;
}

test('whoever is in a room gives it aliases, in any script', async () => {
  const { roomId, path } = await roomWithBob();
  const alias = '#老虎Â£я🤨👉ඞ:roost.test';
  expect((await call(bob, 'PUT', aliasPath(alias), { room_id: roomId })).status).toBe(200);
  expect((await call(alice, 'GET', aliasPath(alias))).body).toEqual({
    room_id: roomId,
    servers: ['roost.test'],
  });
  expect((await call(alice, 'GET', `${path}/aliases`)).body).toEqual({ aliases: [alias] });
  const { path: closed } = await createRoom(alice);
  expect(await call(bob, 'GET', `${closed}/aliases`)).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
});

test('an alias that is deleted is published no more, where that is in the power of who deletes it', async () => {
  const { roomId, path } = await roomWithBob();
  const [first, second] = ['#first:roost.test', '#second:roost.test'];
  for (const alias of [first, second]) await call(bob, 'PUT', aliasPath(alias), { room_id: roomId });
  const content = { alias: first, alt_aliases: [second] };
  expect((await call(alice, 'PUT', `${path}/state/m.room.canonical_alias`, content)).status).toBe(200);
  expect((await call(bob, 'DELETE', aliasPath(first))).status).toBe(200);
  expect((await stateContent(alice, roomId, 'm.room.canonical_alias')).body).toEqual(content);
  expect((await call(alice, 'DELETE', aliasPath(second))).status).toBe(200);
  expect((await stateContent(alice, roomId, 'm.room.canonical_alias')).body).toEqual({ alias: first });
  const third = '#third:roost.test';
  await call(alice, 'PUT', aliasPath(third), { room_id: roomId });
  await call(alice, 'PUT', `${path}/state/m.room.canonical_alias`, { alias: third });
  expect((await call(alice, 'DELETE', aliasPath(third))).status).toBe(200);
  expect((await stateContent(alice, roomId, 'm.room.canonical_alias')).body).toEqual({});
  expect(await call(bob, 'DELETE', aliasPath('#none:roost.test'))).toMatchObject({
    status: 404,
    body: { errcode: 'M_NOT_FOUND' },
  });
});

test("only who has the power deletes others' aliases", async () => {
  const { roomId } = await roomWithBob();
  await call(alice, 'PUT', aliasPath('#hers:roost.test'), { room_id: roomId });
  await call(bob, 'PUT', aliasPath('#his:roost.test'), { room_id: roomId });
  expect(await call(bob, 'DELETE', aliasPath('#hers:roost.test'))).toMatchObject({
    status: 403,
    body: { errcode: 'M_FORBIDDEN' },
  });
  expect((await call(alice, 'DELETE', aliasPath('#his:roost.test'))).status).toBe(200);
});

test('a room publishes aliases that lead to it, and no others', async () => {
  const { roomId, path } = await createRoom(alice);
  const { roomId: other } = await createRoom(alice);
  await call(alice, 'PUT', aliasPath('#own:roost.test'), { room_id: roomId });
  await call(alice, 'PUT', aliasPath('#other:roost.test'), { room_id: other });
  const publish = (content: JsonObject) =>
    call(alice, 'PUT', `${path}/state/m.room.canonical_alias`, content);
  for (const alias of ['#other:roost.test', '#missing:roost.test']) {
    const bad = { status: 400, body: { errcode: 'M_BAD_ALIAS' } };
    expect(await publish({ alias })).toMatchObject(bad);
    expect(await publish({ alt_aliases: [alias] })).toMatchObject(bad);
  }
  for (const alias of ['own', '@own:roost.test', 5]) {
    expect(await publish({ alias })).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } });
    expect(await publish({ alt_aliases: [alias] })).toMatchObject({ status: 400 });
  }
  expect((await publish({ alias: '#own:roost.test', alt_aliases: ['#own:roost.test'] })).status).toBe(200);
});

const search = (body: JsonObject) => call(alice, 'POST', '/v3/publicRooms', body);
const namesIn = ({ body }: { body: JsonObject }) => (body.chunk as JsonObject[]).map((room) => room.name);

test('the directory is searched, and paged through both ways', async () => {
  for (const name of ['Apple tree', 'Pear tree', 'Oak', 'Ash', 'Elm']) {
    await createRoom(alice, {
      visibility: 'public',
      name,
      ...(name === 'Oak' ? { creation_content: { type: 'm.space' }, topic: 'a TREE, too' } : {}),
      ...(name === 'Elm'
        ? { initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }] }
        : {}),
    });
  }
  await createRoom(alice, { visibility: 'public', preset: 'private_chat', name: 'Hidden tree' });
  const all = await search({});
  expect(namesIn(all).toSorted()).toEqual(['Apple tree', 'Ash', 'Elm', 'Oak', 'Pear tree']);
  expect(all.body).not.toHaveProperty('next_batch');
  expect(all.body).not.toHaveProperty('prev_batch');
  expect(all.body.chunk).toContainEqual(expect.objectContaining({ name: 'Elm', join_rule: 'knock' }));
  const trees = await search({ filter: { generic_search_term: 'Tree' }, limit: 3 });
  expect(namesIn(trees).toSorted()).toEqual(['Apple tree', 'Oak', 'Pear tree']);
  expect(namesIn(await search({ filter: { room_types: ['m.space'] } }))).toEqual(['Oak']);
  expect(namesIn(await search({ filter: { room_types: [null] } }))).not.toContain('Oak');
  expect((await search({ third_party_instance_id: 'irc-net' })).body.chunk).toEqual([]);
  const everywhere = await search({ third_party_instance_id: 'irc-net', include_all_networks: true });
  expect(namesIn(everywhere)).toHaveLength(5);

  const order = namesIn(all);
  const forward: unknown[] = [];
  const pages: JsonObject[] = [];
  for (let since: unknown; pages.length < 10; since = pages.at(-1)?.next_batch) {
    if (pages.length > 0 && since === undefined) break;
    const page = await search({ limit: 2, ...(since === undefined ? {} : { since }) } as JsonObject);
    pages.push(page.body);
    forward.push(...namesIn(page));
  }
  expect(forward).toEqual(order);
  const middle = await search({ limit: 2, since: pages[0]?.next_batch as string });
  const back = await search({ limit: 2, since: middle.body.prev_batch as string });
  expect(namesIn(back)).toEqual(order.slice(0, 2));
  expect(namesIn(await search({ limit: 2, since: back.body.next_batch as string }))).toEqual(namesIn(middle));
  expect(await search({ since: 'nonsense' })).toMatchObject({
    status: 400,
    body: { errcode: 'M_INVALID_PARAM' },
  });
  expect((await call(alice, 'GET', '/v3/publicRooms?limit=2')).body.chunk).toHaveLength(2);
});

test('an application service lists rooms under a network of its own', async () => {
  const { roomId } = await createRoom(alice, { preset: 'public_chat', name: 'Bridged' });
  const list = (visibility: string, userId = 'service') =>
    call(userId, 'PUT', `/v3/directory/list/appservice/net/${encodeURIComponent(roomId)}`, { visibility });
  const listed = async (query: JsonObject) => {
    const { chunk } = (await call(bob, 'POST', '/v3/publicRooms', query)).body as { chunk: JsonObject[] };
    return chunk.filter((room) => room.room_id === roomId).length;
  };
  const [own, network, all] = [{}, { third_party_instance_id: 'test|net' }, { include_all_networks: true }];
  expect(await list('public', alice)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } });
  expect(await list('hidden')).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
  expect(await listed(all)).toBe(0);
  expect((await list('public')).status).toBe(200);
  expect([await listed(own), await listed(network), await listed(all)]).toEqual([0, 1, 1]);
  await call(alice, 'PUT', `/v3/directory/list/room/${encodeURIComponent(roomId)}`, { visibility: 'public' });
  expect([await listed(own), await listed(network), await listed(all)]).toEqual([1, 1, 1]);
  expect((await list('private')).status).toBe(200);
  expect([await listed(own), await listed(network), await listed(all)]).toEqual([1, 0, 1]);
});
