import { runInDurableObject } from 'cloudflare:test';
import { Buffer } from 'node:buffer';
import { beforeEach, expect, test } from 'vitest';
import type { Denial } from '../../../../../matrix/errors.ts';
import type { EventId, RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { eventIdOf } from '../../../protocol/event-hash.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { roomVersion } from '../../../protocol/room-versions.ts';
import { hashAndSign, signingKeyIds } from '../../../protocol/signatures.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { version } from '../../../protocol/testing/versions.ts';
import { DestinationObject } from '../../destination/destination-object.ts';
import type { MembershipInput, TakenMembership, TemplateMembership } from '../../room-serving-rpc.ts';
import { creator, guest, message, startRoom, topic } from '../testing/started-room.ts';
import { alice, eventIdOf as idOf, makeRoom, roomStub, type TestRoom } from '../testing/test-room.ts';

const dave = '@dave:four' as UserId;
const key = { keyId: 'ed25519:four', seed: Buffer.alloc(32, 4) };
const versions = ['10', '11', '12'];
const version12 = version('12');

const acceptedId = (result: Parameters<typeof idOf>[0]) => idOf(result) as EventId;

/** Transactions by server. */
let sent: { server: string; pdus: Pdu[] }[] = [];

beforeEach(() => {
  sent = [];
  Object.defineProperty(DestinationObject.prototype, 'transmit', {
    configurable: true,
    async value(this: { ctx: DurableObjectState }, _txnId: string, content: JsonObject) {
      sent.push({ server: this.ctx.id.name ?? '', pdus: content.pdus as unknown as Pdu[] });
      return undefined;
    },
  });
});

function isDenied(answer: { kind: string }): Denial {
  if (answer.kind !== 'denied') throw new Error(`not denied: ${JSON.stringify(answer)}`);
  return answer as Denial;
}

async function template(
  roomId: RoomId,
  membership: TemplateMembership = 'join',
  meetsTerms = false,
  userId = dave,
) {
  return roomStub(roomId).templateFor({ server: 'four', userId, membership, versions, meetsTerms });
}

/** Completes a template as the user's server does. */
function complete(
  event: JsonObject,
  versionId: string,
  more: JsonObject = {},
): { pdu: Pdu; eventId: EventId } {
  const version = roomVersion(versionId);
  if (!version) throw new Error('no such version');
  const { content, ...rest } = event;
  const full = { ...rest, content: { ...(content as JsonObject), displayname: 'Dave' }, ...more };
  const pdu = hashAndSign(full, version, 'four', key) as unknown as Pdu;
  return { pdu, eventId: eventIdOf(pdu, version) };
}

async function join(
  room: Pick<TestRoom, 'roomId' | 'rpc'>,
  more: Partial<MembershipInput> = {},
  userId = dave,
): Promise<TakenMembership> {
  const made = await template(room.roomId, 'join', false, userId);
  if (made.kind !== 'template') throw new Error(JSON.stringify(made));
  const { pdu, eventId } = complete(made.event, made.roomVersion);
  const taken = await room.rpc.takeMembership({
    server: 'four',
    eventId,
    membership: 'join',
    pdu: { ...pdu },
    meetsTerms: false,
    ...more,
  });
  if (taken.kind !== 'taken') throw new Error(JSON.stringify(taken));
  return taken;
}

const idsOf = (answer: { kind: string }) =>
  answer.kind === 'pdus'
    ? (answer as unknown as { pdus: Pdu[] }).pdus.map((pdu) => {
        const version = roomVersion('12');
        return version && eventIdOf(pdu, version);
      })
    : answer;

test('a user of another server joins by this one: the state before, and the rest of the room hears of it', async () => {
  const room = await startRoom('12', 'joined by template');
  const made = await template(room.roomId);
  if (made.kind !== 'template') throw new Error(JSON.stringify(made));
  expect(made.event).toMatchObject({
    type: 'm.room.member',
    sender: dave,
    state_key: dave,
    room_id: room.roomId,
  });
  expect(made.event).not.toHaveProperty('signatures');
  expect(made.event).not.toHaveProperty('hashes');
  const { pdu, eventId } = complete(made.event, '12');
  const input = { server: 'four', eventId, membership: 'join' as const, pdu: { ...pdu }, meetsTerms: false };
  const taken = await room.rpc.takeMembership(input);
  if (taken.kind !== 'taken') throw new Error(JSON.stringify(taken));
  expect(taken.serversInRoom.toSorted()).toEqual(['four', 'one', 'roost.test', 'three', 'two']);
  const before = room.remote.resolve([room.start]);
  expect(taken.state.toSorted()).toEqual([...before.values()].toSorted());
  for (const id of taken.state) {
    for (const auth of room.remote.pdu(id).auth_events) expect(taken.authChain).toContain(auth);
  }
  expect(await room.value('m.room.member', dave)).toBe(eventId);
  await expect
    .poll(() =>
      sent
        .filter(({ pdus }) => pdus.some(({ room_id }) => room_id === room.roomId))
        .map(({ server }) => server)
        .toSorted(),
    )
    .toEqual(['one', 'three', 'two']);
  expect(await room.rpc.takeMembership(input), 'twice is as once').toMatchObject({ kind: 'taken', eventId });
});

test('a join that can do without the members gets the rest of the state, and all that it rests on', async () => {
  const room = await startRoom('12', 'joined with partial state');
  const before = [...room.remote.resolve([room.start]).values()];
  const typeOf = (id: EventId) => room.remote.events.get(id)?.pdu.type;
  const told = async (user: UserId) => {
    const taken = await join(room, { omitMembers: true }, user);
    const others = before.filter((id) => typeOf(id) !== 'm.room.member');
    expect(taken.state).toEqual(expect.arrayContaining(others));
    const known = taken.state.flatMap((id) => room.remote.events.get(id)?.pdu.auth_events ?? []);
    const all = [...taken.state, ...taken.authChain];
    expect(all).toEqual(expect.arrayContaining([...known, ...(taken.event as unknown as Pdu).auth_events]));
    expect(new Set(all).size).toBe(all.length);
    expect(taken.serversInRoom).toContain('three');
    const members = taken.state.filter((id) => typeOf(id) === 'm.room.member').length;
    return { members, isPartial: taken.membersOmitted };
  };
  expect(await told(dave), 'by whom it is called').toEqual({ members: 5, isPartial: false });
  await room.rpc.append({ sender: alice, type: 'm.room.name', stateKey: '', content: { name: 'Named' } });
  expect(await told('@eve:four' as UserId)).toEqual({ members: 0, isPartial: true });
});

test('F4, F3: what differs from the path or the template is refused, and leaves nothing', async () => {
  const room = await makeRoom();
  const made = await template(room.roomId);
  if (made.kind !== 'template') throw new Error(JSON.stringify(made));
  const attempt = async (more: JsonObject, input: Partial<MembershipInput> = {}) => {
    const { pdu, eventId } = complete(made.event, '12', more);
    return isDenied(
      await room.rpc.takeMembership({
        server: 'four',
        eventId,
        membership: 'join',
        pdu: { ...pdu },
        meetsTerms: false,
        ...input,
      }),
    );
  };
  expect((await attempt({}, { eventId: '$other' as EventId })).status).toBe(400);
  expect((await attempt({ room_id: '!elsewhere:four' })).status).toBe(400);
  expect((await attempt({ type: 'm.room.name', state_key: '' })).status).toBe(400);
  expect((await attempt({ state_key: '@eve:four' })).status).toBe(400);
  expect((await attempt({ sender: alice, state_key: alice })).status).toBe(400);
  expect((await attempt({}, { membership: 'leave' })).status).toBe(400);
  expect((await attempt({}, { server: 'five' })).status).toBe(400);
  expect((await attempt({ prev_events: [] })).status).toBe(400);
  expect((await attempt({ content: { membership: 'join' }, depth: -1 })).status).toBe(400);
  expect((await attempt({ auth_events: [] })).status).toBe(403);
  const members = await room.rpc.readMembers(alice, {});
  expect(members.kind === 'members' && members.events).toHaveLength(1);
});

test('F10: a room version that the other server does not know, a ban, and the access control list', async () => {
  const room = await makeRoom();
  expect(
    await room.rpc.templateFor({
      server: 'four',
      userId: dave,
      membership: 'join',
      versions: ['1', '9'],
      meetsTerms: false,
    }),
  ).toEqual({ kind: 'incompatible', roomVersion: '12' });
  await room.member(dave, 'ban', alice);
  expect(isDenied(await template(room.roomId)).status).toBe(403);
  await room.member(dave, 'leave', alice);
  expect(await template(room.roomId)).toMatchObject({ kind: 'template' });
  await room.state(alice, 'm.room.server_acl', { allow: ['*'], deny: ['f*r'] });
  expect(isDenied(await template(room.roomId))).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
});

test('a restricted room: who is in a room that it names joins with a signature of this server', async () => {
  const room = await makeRoom();
  await room.state(alice, 'm.room.join_rules', {
    join_rule: 'restricted',
    allow: [{ type: 'm.room_membership', room_id: '!club:roost.test' }],
  });
  const needs = { kind: 'needs', allowedRooms: ['!club:roost.test'], roomVersion: '12' };
  expect(await template(room.roomId)).toEqual(needs);
  const made = await template(room.roomId, 'join', true);
  if (made.kind !== 'template') throw new Error(JSON.stringify(made));
  expect(made.event).toMatchObject({ content: { join_authorised_via_users_server: alice } });
  const { pdu, eventId } = complete(made.event, '12');
  const input = { server: 'four', eventId, membership: 'join' as const, pdu: { ...pdu } };
  expect(await room.rpc.takeMembership({ ...input, meetsTerms: false })).toEqual(needs);
  const taken = await room.rpc.takeMembership({ ...input, meetsTerms: true });
  if (taken.kind !== 'taken') throw new Error(JSON.stringify(taken));
  expect(signingKeyIds(taken.event, 'four')).toEqual([key.keyId]);
  expect(signingKeyIds(taken.event, 'roost.test')).toHaveLength(1);
});

test('knocking tells the knocker of the room, and nobody may leave a room they have no part in', async () => {
  const room = await makeRoom({ name: 'Behind a door' });
  await room.state(alice, 'm.room.join_rules', { join_rule: 'knock' });
  expect(isDenied(await template(room.roomId, 'join')).status).toBe(403);
  expect(isDenied(await template(room.roomId, 'leave')).status).toBe(403);
  const made = await template(room.roomId, 'knock');
  if (made.kind !== 'template') throw new Error(JSON.stringify(made));
  const { pdu, eventId } = complete(made.event, '12');
  const taken = await room.rpc.takeMembership({
    server: 'four',
    eventId,
    membership: 'knock',
    pdu: { ...pdu },
    meetsTerms: false,
  });
  if (taken.kind !== 'taken') throw new Error(JSON.stringify(taken));
  const stripped = taken.strippedState as unknown as Pdu[];
  expect(stripped.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.join_rules', 'm.room.member']),
  );
  expect(stripped.find(({ type }) => type === 'm.room.create')).toHaveProperty('signatures');
});

test('F13: a server that is not in the room, or not any more, is told nothing', async () => {
  const room = await makeRoom();
  const eventId = acceptedId(await room.send(alice, 'hello'));
  const questions = () => [
    room.rpc.eventFor('four', eventId),
    room.rpc.stateIdsFor('four', eventId),
    room.rpc.authChainFor('four', eventId),
    room.rpc.stateEventsFor('four', [eventId]),
    room.rpc.backfillFor('four', { from: [eventId], limit: 10 }),
    room.rpc.missingEventsFor('four', { latest: [eventId], earliest: [], limit: 10, minDepth: 0 }),
  ];
  const all = async (kind: 'denied' | 'answered') => {
    for (const answer of await Promise.all(questions())) {
      if (kind === 'denied') expect(isDenied(answer)).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' });
      else expect(answer.kind).not.toBe('denied');
    }
  };
  await all('denied');
  await join(room);
  await all('answered');
  await room.state(alice, 'm.room.server_acl', { allow: ['*'], deny: ['four'] });
  await all('denied');
  await room.state(alice, 'm.room.server_acl', { allow: ['*'] });
  await all('answered');
  await room.member(dave, 'leave', alice);
  await all('denied');
});

test('F13: a server whose users were removed while it was away may ask for what was before that, and no more', async () => {
  const room = await makeRoom();
  await join(room);
  const unheard = acceptedId(await room.send(alice, 'while it was away'));
  const removal = acceptedId(await room.member(dave, 'leave', alice));
  const later = acceptedId(await room.send(alice, 'after that'));
  const before = (eventId: EventId) => [
    room.rpc.eventFor('four', eventId),
    room.rpc.stateIdsFor('four', eventId),
    room.rpc.authChainFor('four', eventId),
    room.rpc.missingEventsFor('four', { latest: [eventId], earliest: [], limit: 1, minDepth: 0 }),
  ];
  const [, , , missing] = await Promise.all(before(removal));
  expect(missing && idsOf(missing)).toEqual([unheard]);
  for (const answer of await Promise.all(before(removal))) expect(answer.kind).not.toBe('denied');
  for (const answer of await Promise.all(before(later))) isDenied(answer);
  const both = { latest: [removal, later], earliest: [], limit: 10, minDepth: 0 };
  isDenied(await room.rpc.missingEventsFor('four', both));
  await room.state(alice, 'm.room.server_acl', { allow: ['*'], deny: ['four'] });
  for (const answer of await Promise.all(before(removal))) isDenied(answer);
});

test('a server that is back after it was forgotten is told how its users were removed', async () => {
  const room = await makeRoom();
  await join(room);
  const removal = acceptedId(await room.member(dave, 'ban', alice));
  await room.send(alice, 'after that');
  const isKnown = () =>
    runInDurableObject(roomStub(room.roomId), (_instance, { storage }) =>
      storage.sql.exec("SELECT 1 FROM joined_servers WHERE server = 'four'").toArray(),
    );
  await expect.poll(isKnown).toEqual([]);
  const { pdus } = await room.rpc.latestFor('four');
  expect(pdus.map((pdu) => eventIdOf(pdu as unknown as Pdu, version12))).toEqual([removal]);
  expect(await room.rpc.latestFor('five')).toMatchObject({ pdus: [] });
});

test('backfill and missing events follow the graph, across forks', async () => {
  const room = await startRoom('12', 'walked back');
  const left = await room.receive(message(creator, 'left'), [room.start]);
  const right = await room.receive(message(guest, 'right'), [room.start]);
  const merged = await room.receive(message(creator, 'merged'), [left, right]);
  const next = await room.receive(message(creator, 'next'), [merged]);
  const backfill = (from: EventId[], limit: number) => room.rpc.backfillFor('two', { from, limit });
  expect(idsOf(await backfill([next], 2))).toEqual([next, merged]);
  const four = idsOf(await backfill([next], 4)) as EventId[];
  expect(four.slice(0, 2)).toEqual([next, merged]);
  expect(four.slice(2).toSorted()).toEqual([left, right].toSorted());
  expect(idsOf(await backfill(['$unknown' as EventId], 5))).toEqual([]);
  const missing = (query: object) =>
    room.rpc.missingEventsFor('two', { latest: [next], earliest: [], limit: 10, minDepth: 0, ...query });
  const found = idsOf(await missing({ earliest: [room.start] })) as EventId[];
  expect(found.at(-1)).toBe(merged);
  expect(found.slice(0, -1).toSorted()).toEqual([left, right].toSorted());
  expect(idsOf(await missing({ limit: 1 }))).toEqual([merged]);
  expect(idsOf(await missing({ minDepth: room.remote.pdu(merged).depth }))).toEqual([merged]);
});

test('C3: of events that none of its users may see a server gets the redacted form', async () => {
  const room = await makeRoom();
  await room.state(alice, 'm.room.history_visibility', { history_visibility: 'joined' });
  const secret = acceptedId(await room.send(alice, 'before Dave'));
  await join(room);
  const open = acceptedId(await room.send(alice, 'with Dave'));
  const served = await room.rpc.backfillFor('four', { from: [open], limit: 3 });
  if (served.kind !== 'pdus') throw new Error(served.error);
  const contents = served.pdus.map(({ content }) => content);
  expect(contents[0]).toMatchObject({ body: 'with Dave' });
  expect(contents[1]).toMatchObject({ membership: 'join' });
  expect(contents[2]).toEqual({});
  const single = await room.rpc.eventFor('four', secret);
  expect(single.kind === 'pdus' && single.pdus[0]?.content).toEqual({});
});

test('the state before an event is that of its branch', async () => {
  const room = await startRoom('12', 'branches of state');
  const one = await room.receive(topic(creator, 'one'), [room.start]);
  const other = await room.receive(topic(creator, 'other'), [room.start]);
  const onOther = await room.receive(message(creator, 'here it is other'), [other]);
  const answer = await room.rpc.stateIdsFor('one', onOther);
  if (answer.kind !== 'stateIds') throw new Error(answer.error);
  expect(answer.state.toSorted()).toEqual([...room.remote.resolve([other]).values()].toSorted());
  expect(answer.state).not.toContain(one);
  expect(room.remote.resolve([other]).get(stateMapKey('m.room.topic', ''))).toBe(other);
  const events = await room.rpc.stateEventsFor('one', answer.state);
  expect(events.kind === 'pdus' && events.pdus).toHaveLength(answer.state.length);
});

test('a room that is not here answers not found, and writes nothing', async () => {
  const rpc = roomStub('!nowhere:roost.test');
  expect(await rpc.roomVersionId()).toBeUndefined();
  expect(isDenied(await template('!nowhere:roost.test' as RoomId)).status).toBe(404);
  expect(isDenied(await rpc.eventFor('four', '$x' as EventId)).status).toBe(404);
  const size = await runInDurableObject(
    rpc as never,
    (_, state: DurableObjectState) => state.storage.sql.databaseSize,
  );
  expect(size).toBeLessThan(10_000);
});
