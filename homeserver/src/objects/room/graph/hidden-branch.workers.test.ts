import { beforeEach, expect, test } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { fillGap } from '../incoming/fill-gap.ts';
import { receiveEvents, receiveOutliers } from '../incoming/receive-events.ts';
import { type RemoteFields, RemoteRoom } from '../testing/remote-room.ts';
import { inRoom } from '../testing/room-feed.ts';
import { beginRoom, creator, guest, message, startRoom, topic } from '../testing/started-room.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, bob, roomStub } from '../testing/test-room.ts';

const followers = new TestFollowers();
beforeEach(() => followers.install());

const relating = (relType: string, eventId: EventId): RemoteFields => {
  const { content, ...fields } = message(creator, 'secret');
  const relation = { rel_type: relType, event_id: eventId };
  return {
    ...fields,
    content: { ...content, 'm.relates_to': relation, 'm.new_content': { body: 'secret' } },
  };
};

/** A branch that left before `alice` came, on which only those who are in the room may read. */
async function closedBranch(name: string) {
  const room = await startRoom('11', name);
  const beforeAlice = [...room.remote.events.values()].find(({ pdu }) => pdu.type === 'm.room.join_rules');
  const visibility = { history_visibility: 'joined' };
  const fields = { type: 'm.room.history_visibility', sender: creator, stateKey: '', content: visibility };
  const said = await room.receive(message(creator, 'said'), [room.start]);
  const closed = await room.receive(fields, [beforeAlice?.eventId ?? room.start]);
  return { ...room, said, closed };
}

test('what was said beside the joining is seen where history is shared', async () => {
  const { rpc, receive, remote, start } = await startRoom('11', 'beside-the-joining');
  const beforeAlice = [...remote.events.values()].find(({ pdu }) => pdu.type === 'm.room.join_rules');
  const said = await receive(message(creator, 'beside'), [beforeAlice?.eventId ?? start]);
  expect(await rpc.readEvent({ userId: alice }, said)).toMatchObject({ kind: 'event' });
});

test('what was said on a branch on which the reader is not shows nowhere', async () => {
  const { rpc, receive, said, closed } = await closedBranch('closed-branch');
  const plain = await receive(message(creator, 'secret'), [closed], { ts: 5_000 });
  const edit = await receive(relating('m.replace', said), [plain]);
  const thread = await receive(relating('m.thread', said), [edit]);
  const reference = await receive(relating('m.reference', said), [thread]);
  const redaction = { type: 'm.room.redaction', sender: creator, redacts: said };
  for (const eventId of [plain, edit, thread, reference]) {
    expect(await rpc.readEvent({ userId: alice }, eventId)).toMatchObject({ kind: 'denied' });
  }
  expect(await rpc.readByTime(alice, 4_000, 'f')).toMatchObject({ kind: 'denied' });
  expect(await rpc.readByTime(alice, 9_000, 'b')).not.toMatchObject({ eventId: plain });
  const read = async () => JSON.stringify(await rpc.readEvent({ userId: alice }, said));
  expect(await read()).toContain('said');
  expect(await read()).not.toContain('m.relations');
  const redacted = await receive({ ...redaction, content: { reason: 'secret' } }, [reference]);
  expect(await read()).toContain(redacted);
  const answers = [
    await read(),
    await rpc.readMessages({ userId: alice, dir: 'b', limit: 100 }),
    await rpc.readContext({ userId: alice }, said, 20, undefined),
    await rpc.readRelations({ userId: alice, eventId: said, dir: 'b', limit: 20, recurse: true }),
    await rpc.readThreads({ userId: alice, include: 'all', limit: 20 }),
  ];
  expect(JSON.stringify(answers)).not.toContain('secret');
});

test('followers get the state that an event sets which they may not see', async () => {
  const { rpc, roomId, receive, closed } = await closedBranch('closed-state');
  const page = await rpc.readMessages({ userId: alice, dir: 'b', limit: 1 });
  const newest = page.kind === 'page' ? page.start : 0;
  await followers.until(() => followers.deltas(alice, roomId).at(-1)?.position === newest);
  const hidden = await receive(topic(creator, 'from the branch'), [closed]);
  const isTold = () =>
    followers
      .deltas(alice, roomId)
      .some(({ corrections }) => corrections?.set.some(({ event_id }) => event_id === hidden));
  await followers.until(isTold);
  expect(await rpc.readEvent({ userId: alice }, hidden)).toMatchObject({ kind: 'denied' });
});

test('nobody sends a receipt for what is refused', async () => {
  const { rpc, receive, start } = await startRoom('11', 'refused-receipt');
  const refused = await receive(message('@stranger:three', 'outside'), [start]);
  const receipt = { userId: bob, type: 'm.read' as const, eventId: refused };
  expect(await rpc.setReceipt(receipt)).toMatchObject({ kind: 'denied', status: 404 });
});

test('history comes with the members that there were then', async () => {
  const name = 'former-members';
  const remote = new RemoteRoom(beginRoom('11', name).remote.version, name);
  const join = (user: string): RemoteFields => ({
    type: 'm.room.member',
    sender: user,
    stateKey: user,
    content: { membership: 'join', displayname: user },
  });
  const rules = {
    type: 'm.room.join_rules',
    sender: creator,
    stateKey: '',
    content: { join_rule: 'public' },
  };
  let last = remote.create.eventId;
  for (const fields of [join(creator), rules, join(guest)]) last = remote.add(fields, [last]);
  const said = remote.add(message(guest, 'long ago'), [last]);
  const state = [...remote.get(said).behind.values()];
  const joined = remote.add(join(alice), [said]);
  const rpc = roomStub(remote.roomId);
  await rpc.beginImport({ roomVersion: '11', createEvent: remote.create.pdu });
  await rpc.importEvents({ state: state.map((eventId) => remote.pdu(eventId)), authChain: [] });
  expect(await rpc.finishImport(remote.pdu(joined))).toEqual({ kind: 'done' });
  const lazy = { userId: alice, dir: 'b' as const, limit: 10, filter: { lazy_load_members: true } };
  const page = await rpc.readMessages(lazy);
  if (page.kind !== 'page' || !page.gap) throw new Error('no gap');
  await rpc.fillGap(page.gap.position, { pdus: [remote.pdu(said)], statesBefore: { [said]: state } });
  const older = await rpc.readMessages({ ...lazy, from: page.end ?? 0 });
  expect(older).toMatchObject({
    chunk: [{ event_id: said }],
    state: [{ type: 'm.room.member', state_key: guest }],
  });
  const context = await rpc.readContext({ userId: alice }, said, 0, undefined);
  expect(context.kind === 'context' && context.state.length).toBe(state.length);
});

test('a redacted topic is not found by its words when it comes again', async () => {
  const name = 'redacted-outlier';
  const { remote, start } = beginRoom('11', name);
  const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
  const old = remote.add(topic(creator, 'unspeakable'), [start]);
  const end = remote.add(message(guest, 'end'), [old]);
  const redaction = remote.add({ type: 'm.room.redaction', sender: creator, content: { redacts: old } }, [
    end,
  ]);
  await inRoom(name, remote, (room) => {
    receiveEvents(room, beginning, {});
    receiveOutliers(room, [remote.pdu(old)]);
    const told = { [end]: [...remote.get(end).before.values()] };
    receiveEvents(room, [remote.pdu(end), remote.pdu(redaction)], told);
    const gap = room.sqlite.get<{ position: number }>('SELECT position FROM gaps');
    expect(fillGap(room, gap?.position ?? 0, [remote.pdu(old)], {})).toMatchObject([{ kind: 'accepted' }]);
    const found = room.sqlite.all("SELECT rowid FROM search_index WHERE search_index MATCH 'unspeakable'");
    expect(found).toEqual([]);
  });
});
