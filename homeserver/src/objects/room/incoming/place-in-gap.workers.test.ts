import { runInDurableObject } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { type RemoteEvent, RemoteRoom } from '../testing/remote-server.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, roomStub } from '../testing/test-room.ts';

const remy = '@remy:remote.test' as UserId;
const followers = new TestFollowers();
beforeEach(() => followers.install());

const pdus = (events: readonly RemoteEvent[]) => events.map(({ pdu }) => pdu);

/** A room that was joined after twelve messages, of which none is here. */
async function joinedLate() {
  const room = new RemoteRoom('11', remy, {});
  room.member(remy);
  room.add({ type: 'm.room.join_rules', sender: remy, stateKey: '', content: { join_rule: 'public' } });
  const state = [...room.state()];
  const messages = Array.from({ length: 12 }, (_, index) => room.message(remy, `${index}`));
  const join = room.member(alice);
  const rpc = roomStub(room.roomId);
  await rpc.beginImport({ roomVersion: '11', createEvent: room.create.pdu });
  await rpc.importEvents({ state: pdus(state), authChain: [] });
  await rpc.settleImport();
  expect(await rpc.finishImport(join.pdu)).toEqual({ kind: 'done' });
  const stateBefore = state.map(({ eventId }) => eventId);
  const at = (index: number): RemoteEvent => {
    const event = messages[index];
    if (!event) throw new Error(`no message ${index}`);
    return event;
  };
  const gaps = () =>
    runInDurableObject(rpc as never, (_, { storage }: DurableObjectState) =>
      new Sqlite(storage, undefined)
        .all<{ position: number; missing: string }>('SELECT position, missing FROM gaps ORDER BY position')
        .map(({ position, missing }) => ({ position, missing: JSON.parse(missing) as EventId[] })),
    );
  return { room, rpc, messages, stateBefore, at, gaps };
}

const numbers = (event: { content: { body?: unknown } }) => event.content.body;

test('an event in the middle of a gap makes two of it, and what comes later falls into the right one', async () => {
  const { room, rpc, messages, stateBefore, at, gaps } = await joinedLate();
  const [whole] = await gaps();
  if (!whole) throw new Error('no gap');
  const place = (event: RemoteEvent) => rpc.placeInGap(whole.position, event.pdu, stateBefore);
  expect(await place(at(6))).toMatchObject({ kind: 'accepted' });
  expect(await place(at(6)), 'twice is as once').toMatchObject({ kind: 'known' });
  const [older, newer] = await gaps();
  expect(older?.missing).toEqual([at(5).eventId]);
  expect(newer).toEqual(whole);
  // What others send of the newer gap goes beyond it.
  const told = { [at(3).eventId]: stateBefore };
  const filled = await rpc.fillGap(whole.position, { pdus: pdus(messages.slice(3)), statesBefore: told });
  expect(Array.isArray(filled) && filled.map(({ kind }) => kind)).toEqual([
    ...['malformed', 'malformed', 'malformed', 'known'],
    ...Array.from({ length: 5 }, () => 'accepted'),
  ]);
  expect(await gaps()).toEqual([older]);
  const rest = { pdus: pdus(room.events.slice(0, -1)), statesBefore: {} };
  await rpc.fillGap(older?.position ?? 0, rest);
  expect(await gaps()).toEqual([]);
  const page = await rpc.readMessages({ userId: alice, dir: 'f', from: 0, limit: 50 });
  if (page.kind !== 'page') throw new Error(page.error);
  const said = page.chunk.filter(({ type }) => type === 'm.room.message').map(numbers);
  expect(said).toEqual(messages.map((_, index) => `${index}`));
});

test('an event that the gap itself lacks goes directly before it', async () => {
  const { rpc, stateBefore, at, gaps } = await joinedLate();
  const [whole] = await gaps();
  if (!whole) throw new Error('no gap');
  expect(await rpc.placeInGap(whole.position, at(11).pdu, stateBefore)).toEqual({
    kind: 'accepted',
    eventId: at(11).eventId,
    position: whole.position - 1,
  });
  expect(await gaps()).toEqual([{ position: whole.position - 1, missing: [at(10).eventId] }]);
  expect(await rpc.placeInGap(whole.position, at(3).pdu, stateBefore)).toMatchObject({ kind: 'malformed' });
});
