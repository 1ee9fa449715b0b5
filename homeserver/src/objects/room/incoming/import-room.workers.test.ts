import { runInDurableObject } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { roomVersions } from '../../../protocol/room-versions.ts';
import { type RemoteEvent, RemoteRoom } from '../testing/remote-server.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, roomStub } from '../testing/test-room.ts';

const remy = '@remy:remote.test' as UserId;
const ruth = '@ruth:remote.test' as UserId;
const followers = new TestFollowers();
beforeEach(() => followers.install());

function remoteRoom(version: string, createContent = {}): RemoteRoom {
  const room = new RemoteRoom(version, remy, createContent);
  // In version 12 the creator's power is not told.
  const users = room.version.creatorsHaveInfinitePower ? {} : { [remy]: 100 };
  room.member(remy);
  room.add({ type: 'm.room.power_levels', sender: remy, stateKey: '', content: { users } });
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  room.member(ruth);
  return room;
}

const pdus = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => pdu);

async function importInto(room: RemoteRoom, join: RemoteEvent) {
  const rpc = roomStub(room.roomId);
  const state = room.state().filter((event) => event !== join);
  const authChain = room.events.filter(({ pdu }) => pdu.state_key !== undefined && pdu !== join.pdu);
  await rpc.beginImport({ roomVersion: room.version.id, createEvent: room.create.pdu });
  // The worst order: the state before what it rests on, newest first.
  await rpc.importEvents({ state: pdus(state).reverse(), authChain: [] });
  await rpc.importEvents({ state: [], authChain: pdus(authChain).reverse() });
  for (let waiting = 1; waiting > 0; ) {
    const progress = await rpc.settleImport();
    waiting = progress.kind === 'importing' ? progress.waiting : 0;
  }
  return { rpc, result: await rpc.finishImport(join.pdu) };
}

test.each(Object.keys(roomVersions))(
  'a room of version %s is imported, and its past is put before it',
  async (version) => {
    const room = remoteRoom(version);
    const messages = [1, 2, 3, 4].map((number) => room.message(ruth, `before ${number}`));
    const join = room.member(alice);
    const { rpc, result } = await importInto(room, join);
    expect(result).toEqual({ kind: 'done' });
    await followers.until(() => followers.deltas(alice, room.roomId).length > 0);

    const [delta] = followers.deltas(alice, room.roomId);
    expect(delta?.events.map(({ event }) => event.event_id)).toEqual([join.eventId]);
    expect(delta?.summary).toMatchObject({ joinedCount: 3 });
    const page = await rpc.readMessages({ userId: alice, dir: 'b', limit: 10 });
    if (page.kind !== 'page' || !page.gap) throw new Error('no gap');
    expect(page.chunk.map((event) => event.event_id)).toEqual([join.eventId]);
    const lastBefore = messages.at(-1);
    expect(page.gap.missing).toEqual([lastBefore?.eventId]);

    // All of the past but the first four events, which only a state told along makes judgeable.
    const [create, member, powerLevels, joinRules, ...past] = room.events.slice(0, -1);
    const oldest = past[0];
    if (!oldest || !create || !member || !powerLevels || !joinRules) throw new Error('no past');
    const stateBefore = [create, member, powerLevels, joinRules].map(({ eventId }) => eventId);
    const filled = await rpc.fillGap(page.gap.position, {
      pdus: pdus(past).reverse(),
      statesBefore: { [oldest.eventId]: stateBefore },
    });
    expect(filled).toMatchObject(past.map(() => ({ kind: 'accepted' })));
    const older = await rpc.readMessages({ userId: alice, dir: 'b', limit: 10, from: page.end ?? 0 });
    if (older.kind !== 'page') throw new Error(older.error);
    expect(older.chunk.map((event) => event.event_id)).toEqual(past.map(({ eventId }) => eventId).reverse());
    expect(older.gap?.missing).toEqual([joinRules.eventId]);

    // The rest, to the very beginning.
    const rest = [create, member, powerLevels, joinRules];
    const begun = await rpc.fillGap(older.gap?.position ?? 0, { pdus: pdus(rest) });
    expect(begun).toMatchObject(rest.map(() => ({ kind: 'accepted' })));
    const first = await rpc.readMessages({ userId: alice, dir: 'b', limit: 10, from: older.end ?? 0 });
    if (first.kind !== 'page') throw new Error(first.error);
    expect(first.chunk.map((event) => event.event_id)).toEqual(rest.map(({ eventId }) => eventId).reverse());
    expect(first.gap).toBeUndefined();
  },
);

test('nobody sees a room before its import ends, also over an eviction', async () => {
  const room = remoteRoom('11');
  const rpc = roomStub(room.roomId);
  await rpc.beginImport({ roomVersion: '11', createEvent: room.create.pdu });
  await rpc.importEvents({ state: pdus(room.state()), authChain: [] });
  expect(await rpc.readState(remy)).toMatchObject({ errcode: 'M_FORBIDDEN' });
  expect(await rpc.readPreview()).toMatchObject({ errcode: 'M_NOT_FOUND' });
  const join = room.member(alice);
  expect(await rpc.finishImport(join.pdu)).toEqual({ kind: 'done' });
  expect(await rpc.readState(alice)).toMatchObject({ kind: 'state' });
});

test('an import that the rules refuse can be given up, and leaves nothing', async () => {
  const room = remoteRoom('10');
  room.add({ type: 'm.room.member', sender: remy, stateKey: alice, content: { membership: 'ban' } });
  const join = room.member(alice);
  const { rpc, result } = await importInto(room, join);
  expect(result).toMatchObject({ errcode: 'M_FORBIDDEN' });
  await rpc.abortImport();
  const tables = await runInDurableObject(rpc, (_, state) =>
    state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'events'").toArray(),
  );
  expect(tables).toEqual([]);
});

test('what happened on other servers comes in any order, in an imported room', async () => {
  const room = remoteRoom('12');
  const { rpc } = await importInto(room, room.member(alice));
  const sent = [1, 2, 3].map((number) => room.message(remy, `after ${number}`));
  const results = await rpc.receive({ pdus: pdus(sent).reverse() });
  expect(results).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }, { kind: 'accepted' }]);
  const page = await rpc.readMessages({ userId: alice, dir: 'b', limit: 3 });
  expect(page).toMatchObject({ chunk: sent.map(({ eventId }) => ({ event_id: eventId })).reverse() });
  const [again] = await (rpc.receive({ pdus: pdus(sent.slice(0, 1)) }) as Promise<unknown[]>);
  expect(again).toMatchObject({ kind: 'known' });
});
