import { beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../../../../matrix/events.ts';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import type { MessagesQuery } from '../../room-rpc.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice, bob, carol, eventIdOf, makeRoom, type TestRoom } from '../testing/test-room.ts';

beforeEach(() => new TestFollowers().install());

async function messages(room: TestRoom, query: Partial<MessagesQuery> & { userId: UserId }) {
  const page = await room.rpc.readMessages({ dir: 'b', limit: 100, ...query });
  if (page.kind === 'denied') throw new Error(page.error);
  return page;
}

const bodies = (events: readonly ClientEvent[]) =>
  events.filter((event) => event.type === 'm.room.message').map((event) => event.content.body);

const reply = (relType: string, eventId: string, body = relType) => ({
  content: {
    body,
    ...(relType === 'm.replace' ? { 'm.new_content': { body } } : {}),
    'm.relates_to': { rel_type: relType, event_id: eventId },
  },
});

test.each([
  ['world_readable', ['before', 'invited', 'joined', 'after'], ['before', 'invited', 'joined', 'after']],
  ['shared', ['before', 'invited', 'joined'], undefined],
  ['invited', ['invited', 'joined'], undefined],
  ['joined', ['joined'], undefined],
])('history visibility %s: what a former member and a stranger see', async (visibility, former, stranger) => {
  const room = await makeRoom({
    initialState: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } },
    ],
  });
  await room.send(alice, 'before');
  await room.member(bob, 'invite', alice);
  await room.send(alice, 'invited');
  await room.member(bob, 'join');
  const joined = eventIdOf(await room.send(alice, 'joined')) as EventId;
  const left = eventIdOf(await room.member(bob, 'leave')) as EventId;
  const after = eventIdOf(await room.send(alice, 'after')) as EventId;
  expect(bodies((await messages(room, { userId: bob, dir: 'f' })).chunk)).toEqual(former);
  expect(bodies((await messages(room, { userId: bob })).chunk)).toEqual(former.toReversed());
  expect(await room.rpc.readEvent({ userId: bob }, joined)).toMatchObject({ kind: 'event' });
  expect(await room.rpc.readEvent({ userId: bob }, left)).toMatchObject({ kind: 'event' });
  const late = await room.rpc.readEvent({ userId: bob }, after);
  expect(late.kind).toBe(visibility === 'world_readable' ? 'event' : 'denied');
  const peek = await room.rpc.readMessages({ userId: carol, dir: 'f', limit: 100 });
  if (stranger) expect(peek.kind === 'page' && bodies(peek.chunk)).toEqual(stranger);
  else expect(peek).toMatchObject({ kind: 'denied', status: 403 });
});

test('a change of the visibility does not open what was closed, and pages skip it', async () => {
  const room = await makeRoom();
  const visibility = (value: string) =>
    room.state(alice, 'm.room.history_visibility', { history_visibility: value });
  await room.send(alice, 'open');
  await visibility('joined');
  for (let index = 0; index < 5; index += 1) await room.send(alice, 'closed');
  await visibility('shared');
  await room.send(alice, 'open again');
  await room.member(bob, 'join');
  const first = await messages(room, { userId: bob, limit: 3 });
  expect(bodies(first.chunk)).toEqual(['open again']);
  const second = await messages(room, { userId: bob, limit: 100, ...(first.end ? { from: first.end } : {}) });
  expect(bodies(second.chunk)).toEqual(['open']);
  expect(second.end).toBeUndefined();
});

test('former members keep the state and the members that they left; forgetting ends that', async () => {
  const room = await makeRoom({ name: 'Old' });
  await room.member(bob, 'join');
  await room.member(bob, 'leave');
  await room.state(alice, 'm.room.name', { name: 'New' });
  await room.member(carol, 'join');
  expect(await room.rpc.readStateEvent(bob, 'm.room.name', '')).toMatchObject({
    event: { content: { name: 'Old' } },
  });
  const members = await room.rpc.readMembers(bob, {});
  expect(members.kind === 'members' && members.events.map((event) => event.state_key)).toEqual([alice, bob]);
  expect(await room.rpc.forget(carol)).toMatchObject({ kind: 'denied', status: 400 });
  expect(await room.rpc.forget(bob)).toEqual({ kind: 'done' });
  expect(await room.rpc.readState(bob)).toMatchObject({ kind: 'denied', status: 403 });
  expect(await room.rpc.readMessages({ userId: bob, dir: 'b', limit: 1 })).toMatchObject({ status: 403 });
  await room.member(bob, 'join');
  expect(await room.rpc.readState(bob)).toMatchObject({ kind: 'state' });
});

test('the state and the members as they were at an earlier event', async () => {
  const room = await makeRoom();
  const joined = await room.member(bob, 'join');
  if (joined.kind !== 'accepted') throw new Error(joined.error);
  await room.state(bob, 'm.room.member', { membership: 'join', displayname: 'Bob' }, bob);
  await room.member(bob, 'leave');
  const at = async (atPosition?: number) => {
    const members = await room.rpc.readMembers(alice, atPosition === undefined ? {} : { atPosition });
    if (members.kind === 'denied') throw new Error(members.error);
    return members.events.map((event) => event.content);
  };
  expect(await at(joined.position - 1)).toEqual([{ membership: 'join' }]);
  expect(await at(joined.position)).toEqual([{ membership: 'join' }, { membership: 'join' }]);
  expect(await at(joined.position + 1)).toContainEqual({ membership: 'join', displayname: 'Bob' });
  expect(await at()).toContainEqual({ membership: 'leave' });
  const left = await room.rpc.readMembers(alice, { membership: 'leave' });
  expect(left.kind === 'members' && left.events.map((event) => event.state_key)).toEqual([bob]);
});

test('pages: filter, lazy members, bounds, both directions without overlap', async () => {
  const room = await makeRoom();
  await room.member(bob, 'join');
  for (let index = 0; index < 6; index += 1) await room.send(index % 2 ? bob : alice, `n${index}`);
  const filter = { types: ['m.room.message'], senders: [bob], lazy_load_members: true };
  const page = await messages(room, { userId: alice, filter, limit: 2 });
  expect(bodies(page.chunk)).toEqual(['n5', 'n3']);
  expect(page.state.map((event) => event.state_key)).toEqual([bob]);
  const seen: unknown[] = [];
  for (let from = 0; ; ) {
    const next = await messages(room, { userId: alice, dir: 'f', limit: 3, from });
    seen.push(...next.chunk.map((event) => event.event_id));
    if (next.end === undefined) break;
    from = next.end;
  }
  const all = await messages(room, { userId: alice });
  expect(seen).toEqual(all.chunk.map((event) => event.event_id).reverse());
  expect(new Set(seen).size).toBe(13);
  expect((await messages(room, { userId: alice, dir: 'f', from: 3, to: 5 })).chunk).toHaveLength(2);
  expect((await messages(room, { userId: alice, dir: 'b', from: 5, to: 3 })).chunk).toHaveLength(2);
});

test('context: the event alone, or with what surrounds it', async () => {
  const room = await makeRoom();
  const ids: EventId[] = [];
  for (let index = 0; index < 5; index += 1) {
    ids.push(eventIdOf(await room.send(alice, `n${index}`)) as EventId);
  }
  const middle = ids[2] as EventId;
  const alone = await room.rpc.readContext({ userId: alice }, middle, 0);
  expect(alone).toMatchObject({ event: { event_id: middle }, eventsBefore: [], eventsAfter: [] });
  expect(alone.kind === 'context' && alone.state.length).toBe(6);
  const around = await room.rpc.readContext({ userId: alice }, middle, 2);
  if (around.kind === 'denied') throw new Error(around.error);
  expect(bodies(around.eventsBefore)).toEqual(['n1']);
  expect(bodies(around.eventsAfter)).toEqual(['n3']);
  const older = await messages(room, { userId: alice, from: around.start, limit: 1 });
  expect(bodies(older.chunk)).toEqual(['n0']);
  const newer = await messages(room, { userId: alice, dir: 'f', from: around.end });
  expect(bodies(newer.chunk)).toEqual(['n4']);
  expect(await room.rpc.readContext({ userId: bob }, middle, 4)).toMatchObject({ status: 403 });
});

test('relations are found by type, paged, and through each other', async () => {
  const room = await makeRoom();
  const root = eventIdOf(await room.send(alice, 'root')) as EventId;
  const first = eventIdOf(await room.send(alice, '', reply('m.thread', root, 'first')));
  const toFirst = { type: 'm.reaction', ...reply('m.annotation', first) };
  const reaction = eventIdOf(await room.send(alice, '', toFirst));
  await room.send(alice, '', reply('m.thread', root, 'second'));
  const relations = async (query: object) => {
    const page = await room.rpc.readRelations({
      userId: alice,
      eventId: root,
      dir: 'b',
      limit: 10,
      recurse: false,
      ...query,
    });
    if (page.kind === 'denied') throw new Error(page.error);
    return page;
  };
  expect((await relations({})).chunk.map((event) => event.content.body)).toEqual(['second', 'first']);
  expect((await relations({ recurse: true })).chunk.map((event) => event.type)).toEqual([
    'm.room.message',
    'm.reaction',
    'm.room.message',
  ]);
  expect((await relations({ recurse: true, relType: 'm.annotation' })).chunk).toHaveLength(1);
  expect((await relations({ eventType: 'm.reaction' })).chunk).toEqual([]);
  const page = await relations({ limit: 1, dir: 'f' });
  expect(bodies(page.chunk)).toEqual(['first']);
  const rest = await relations({ limit: 1, dir: 'f', from: page.end });
  expect(bodies(rest.chunk)).toEqual(['second']);
  expect(rest.end).toBeUndefined();
  for (const redacts of [first, reaction]) {
    await room.rpc.append({ sender: alice, type: 'm.room.redaction', content: {}, redacts });
  }
  expect((await relations({ recurse: true })).chunk).toHaveLength(1);
  expect(
    await room.rpc.readRelations({ userId: bob, eventId: root, dir: 'b', limit: 1, recurse: false }),
  ).toMatchObject({ status: 403 });
});

test('bundles: the newest edit by the author, threads, references; none of what was redacted', async () => {
  const room = await makeRoom();
  await room.member(bob, 'join');
  const root = eventIdOf(await room.send(alice, 'root')) as EventId;
  await room.send(bob, '', reply('m.replace', root, 'forged'));
  await room.send(alice, '', reply('m.replace', root, 'old edit'));
  const edit = eventIdOf(await room.send(alice, '', reply('m.replace', root, 'new edit')));
  await room.send(alice, '', reply('m.thread', root));
  const threaded = eventIdOf(await room.send(alice, '', reply('m.thread', root)));
  const reference = eventIdOf(await room.send(bob, '', reply('m.reference', root)));
  const bundle = async (userId: UserId) => {
    const result = await room.rpc.readEvent({ userId }, root);
    if (result.kind === 'denied') throw new Error(result.error);
    return result.event.unsigned?.['m.relations'];
  };
  expect(await bundle(bob)).toMatchObject({
    'm.replace': { event_id: edit, content: { body: 'new edit' } },
    'm.thread': { count: 2, latest_event: { event_id: threaded }, current_user_participated: false },
    'm.reference': { chunk: [{ event_id: reference }] },
  });
  const redact = (redacts: string) =>
    room.rpc.append({ sender: alice, type: 'm.room.redaction', content: {}, redacts });
  for (const eventId of [edit, threaded, reference]) eventIdOf(await redact(eventId));
  expect(await bundle(alice)).toMatchObject({
    'm.replace': { content: { body: 'old edit' } },
    'm.thread': { count: 1, current_user_participated: true },
  });
  expect(await bundle(alice)).not.toHaveProperty('m.reference');
});

test('no edits: of an edit, without new content, of another type; encrypted ones keep theirs inside', async () => {
  const room = await makeRoom();
  const bundled = async (eventId: string) => {
    const result = await room.rpc.readEvent({ userId: alice }, eventId as EventId);
    return result.kind === 'event' && result.event.unsigned?.['m.relations'];
  };
  const root = eventIdOf(await room.send(alice, 'root'));
  const relates = { 'm.relates_to': { rel_type: 'm.replace', event_id: root } };
  await room.send(alice, '', { content: { body: 'nothing new', ...relates } });
  await room.send(alice, '', { type: 'm.other', ...reply('m.replace', root) });
  expect(await bundled(root)).toBeUndefined();
  const edit = eventIdOf(await room.send(alice, '', reply('m.replace', root)));
  await room.send(alice, '', reply('m.replace', edit));
  expect(await bundled(root)).toMatchObject({ 'm.replace': { event_id: edit } });
  expect(await bundled(edit)).toBeUndefined();
  const type = 'm.room.encrypted';
  const secret = eventIdOf(await room.send(alice, '', { type, content: {} }));
  const relation = { 'm.relates_to': { rel_type: 'm.replace', event_id: secret } };
  const secretEdit = eventIdOf(await room.send(alice, '', { type, content: relation }));
  expect(await bundled(secret)).toMatchObject({ 'm.replace': { event_id: secretEdit } });
});

test('what comes with an old event tells former members nothing of what happened after they left', async () => {
  const room = await makeRoom();
  await room.member(bob, 'join');
  const root = eventIdOf(await room.send(alice, 'root')) as EventId;
  const gone = eventIdOf(await room.send(alice, 'gone')) as EventId;
  const seen = eventIdOf(await room.send(alice, '', reply('m.thread', root, 'seen')));
  await room.send(alice, '', reply('m.reference', gone));
  await room.member(bob, 'leave');
  await room.send(alice, '', reply('m.thread', root, 'secret reply'));
  await room.send(alice, '', reply('m.replace', root, 'secret edit'));
  await room.send(alice, '', reply('m.reference', root));
  await room.send(alice, '', reply('m.thread', seen, 'secret relation'));
  const content = { reason: 'secret reason' };
  await room.rpc.append({ sender: alice, type: 'm.room.redaction', content, redacts: gone });
  const viewer = { userId: bob };
  const filter = { related_by_rel_types: ['m.replace'] };
  const served = [
    await room.rpc.readEvent(viewer, root),
    await room.rpc.readEvent(viewer, gone),
    await room.rpc.readMessages({ ...viewer, dir: 'b', limit: 50 }),
    await room.rpc.readMessages({ ...viewer, dir: 'b', limit: 50, filter }),
    await room.rpc.readContext(viewer, root, 10),
    await room.rpc.readRelations({ ...viewer, eventId: root, dir: 'b', limit: 50, recurse: true }),
  ];
  expect(JSON.stringify(served)).not.toContain('secret');
  expect(served[3]).toMatchObject({ chunk: [] });
  const thread = { count: 1, latest_event: { event_id: seen } };
  expect(served[0]).toMatchObject({ event: { unsigned: { 'm.relations': { 'm.thread': thread } } } });
  const bundle = (event: ClientEvent) => event.unsigned?.['m.relations'];
  expect(served[0]?.kind === 'event' && bundle(served[0].event)).not.toHaveProperty('m.reference');
});

test.each(['10', '11', '12'])('redactions in version %s: whose, and what stays', async (version) => {
  const room = await makeRoom({ version });
  await room.member(bob, 'join');
  const target = eventIdOf(await room.send(alice, 'secret')) as EventId;
  const own = eventIdOf(await room.send(bob, 'mine'));
  const redact = (sender: UserId, redacts: string) =>
    room.rpc.append({ sender, type: 'm.room.redaction', content: { reason: 'why' }, redacts });
  expect(await redact(bob, target)).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
  expect(await redact(alice, '$missing')).toMatchObject({ status: 404 });
  eventIdOf(await redact(bob, own));
  const redaction = eventIdOf(await redact(alice, target));
  const read = await room.rpc.readEvent({ userId: bob }, target);
  expect(read).toMatchObject({
    event: {
      content: {},
      unsigned: {
        redacted_because: {
          event_id: redaction,
          redacts: target,
          content: { reason: 'why', redacts: target },
        },
      },
    },
  });
  // A redacted event keeps its id, so that what stands on it stays valid.
  expect(eventIdOf(await room.send(alice, 'next'))).toMatch(/^\$/);
});

test('the sending device is told its transaction id, nobody else', async () => {
  const room = await makeRoom();
  const transaction = { deviceId: 'PHONE', txnId: 'm1' };
  const eventId = eventIdOf(await room.send(alice, 'hello', { transaction })) as EventId;
  const unsignedFor = async (viewer: { userId: UserId; deviceId?: string }) => {
    const result = await room.rpc.readEvent(viewer, eventId);
    return result.kind === 'event' ? result.event.unsigned : undefined;
  };
  await room.member(bob, 'join');
  expect(await unsignedFor({ userId: alice, deviceId: 'PHONE' })).toMatchObject({ transaction_id: 'm1' });
  expect(await unsignedFor({ userId: alice, deviceId: 'LAPTOP' })).not.toHaveProperty('transaction_id');
  expect(await unsignedFor({ userId: bob, deviceId: 'PHONE' })).not.toHaveProperty('transaction_id');
  expect(await unsignedFor({ userId: alice })).toMatchObject({ membership: 'join' });
  expect(await unsignedFor({ userId: bob })).toMatchObject({ membership: 'leave' });
});

test('restricted rooms name their terms, previews are for those who may come', async () => {
  const other = await makeRoom();
  const room = await makeRoom({
    name: 'Club',
    preset: 'private_chat',
    initialState: [
      {
        type: 'm.room.join_rules',
        state_key: '',
        content: {
          join_rule: 'restricted',
          allow: [{ type: 'm.room_membership', room_id: other.roomId }, { type: 'nonsense' }],
        },
      },
    ],
  });
  expect(await room.member(bob, 'join')).toMatchObject({ status: 403 });
  expect(await room.rpc.joinTerms(bob)).toEqual({
    kind: 'terms',
    allowedRooms: [other.roomId],
    authorisedVia: alice,
  });
  const content = { membership: 'join', join_authorised_via_users_server: alice };
  eventIdOf(await room.state(bob, 'm.room.member', content, bob));
  expect(await other.rpc.joinTerms(bob)).toMatchObject({ kind: 'denied' });
  expect(await room.rpc.readPreview()).toMatchObject({ name: 'Club', joinedCount: 2, isOpen: false });
  expect(await room.rpc.readPreview(bob)).toMatchObject({ joinRule: 'restricted', isOpen: true });
  const closed = await makeRoom({ preset: 'private_chat' });
  expect(await closed.rpc.readPreview(bob)).toMatchObject({ kind: 'denied', status: 404 });
  expect(await closed.rpc.readPreview(alice)).toMatchObject({ kind: 'preview', membership: 'join' });
  expect(await closed.rpc.maySendState(alice, 'm.room.canonical_alias')).toBe(true);
  expect(await room.rpc.maySendState(bob, 'm.room.canonical_alias')).toBe(false);
});
