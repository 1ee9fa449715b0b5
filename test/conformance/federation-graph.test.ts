import { describe, expect } from 'vitest';
import { eventIdOf } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, isJoined } from './lib/events.ts';
import { type RoomEvent, versionOf } from './lib/federation/federated-room.ts';
import { homeserver } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';

const absent = { status: 404, json: { errcode: 'M_NOT_FOUND', error: 'Not found' } };

describe('TestEventAuth', () => {
  /** A user has joined, left and joined again; then the join rules have changed. */
  const setting = shared(async () => {
    const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
    const alice = await hs1.newUser('alice');
    const charlie = server.user('charlie');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    const own = () => server.rooms.get(roomId)?.find('m.room.member', charlie) as RoomEvent;
    await server.join(hs1, roomId, charlie);
    const joined = own();
    await server.leave(hs1, roomId, charlie, '10');
    const left = own();
    await server.join(hs1, roomId, charlie);
    const rules = await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
    const isRules = ({ type, content }: Pdu) =>
      type === 'm.room.join_rules' && content.join_rule === 'invite';
    const pdu = await server.pdu('the join rules', isRules);
    return { hs1, server, roomId, joined, left, joinedAgain: own(), rules, rulesPdu: pdu };
  });

  async function authChain(eventId: string): Promise<string[]> {
    const { hs1, server, roomId, rulesPdu } = await setting();
    const path = p`v1/event_auth/${roomId}/${eventId}`;
    const { auth_chain: chain } = await server.askOk<{ auth_chain: Pdu[] }>(hs1, 'GET', path);
    const ids = chain.map((pdu) => eventIdOf(pdu, versionOf('10')));
    expect(rulesPdu.room_id).toBe(roomId);
    return ids.sort();
  }

  test('returns auth events for the requested event', async () => {
    const { rules, rulesPdu } = await setting();
    expect(await authChain(rules)).toEqual([...(rulesPdu.auth_events as string[])].sort());
  });

  test('returns the auth chain for the requested event', async () => {
    const { server, joined, left, joinedAgain, rulesPdu } = await setting();
    // The power levels rest on their sender's join, as the later join rules do.
    const others = [...(joinedAgain.pdu.auth_events as string[]), ...(rulesPdu.auth_events as string[])];
    const expected = new Set([...others, joined.eventId, left.eventId]);
    expect(await authChain(joinedAgain.eventId)).toEqual([...expected].sort());
    await server.stop();
  });
});

describe('Events by id alone', () => {
  test('are found in whatever room a server has joined, also if nothing was said there since', async () => {
    const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
    // More people than a server could ask one by one whether they are in such a room.
    await Promise.all(Array.from({ length: 21 }, () => hs1.newUser('aa')));
    const zoe = await hs1.newUser('zoe');
    const roomId = await zoe.createPublicRoom({ room_version: '10' });
    const before = await zoe.message(roomId, 'before');
    await server.join(hs1, roomId, server.user('charlie'));
    const answer = await server.askOk<{ pdus: Pdu[] }>(hs1, 'GET', p`v1/event/${before}`);
    expect(answer.pdus.map((pdu) => eventIdOf(pdu, versionOf('10')))).toEqual([before]);
    await server.stop();
  });
});

describe('TestInboundFederationRejectsEventsWithRejectedAuthEvents', () => {
  const setting = shared(async () => {
    const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
    const alice = await hs1.newUser('alice');
    const charlie = server.user('charlie');
    const roomId = await alice.createPublicRoom({ room_version: '10' });
    const room = await server.join(hs1, roomId, charlie);
    const event = (type: string) => room.find(type) as RoomEvent;
    const [create, levels, rules] = ['create', 'power_levels', 'join_rules'].map((name) =>
      event(`m.room.${name}`),
    );
    const own = room.find('m.room.member', charlie);
    if (!create || !levels || !rules || !own) throw new Error('not the state of a room');
    const rejected = room.build({
      type: 'm.room.power_levels',
      sender: charlie,
      stateKey: '',
      content: { users: {} },
    });
    await server.transact(hs1, [rejected]);
    // As good as any by what is before it; it names the rejected event to be authorised by.
    const outlier = room.build({
      type: 'm.room.member',
      sender: charlie,
      stateKey: charlie,
      content: { membership: 'join', 'org.example.test': 1 },
      authEvents: [create, rules, rejected, own],
    });
    room.events.set(outlier.eventId, outlier);
    const say = (body: string) => ({
      type: 'm.room.message',
      sender: charlie,
      content: { msgtype: 'm.text', body },
    });
    const authEvents = [create, levels, outlier];
    const first = room.add({ ...say('first'), authEvents });
    const second = room.add({ ...say('second'), authEvents });
    const path = (eventId: string) => p`/_matrix/federation/v1/event_auth/${roomId}/${eventId}`;
    server.server.on('GET', path(first.eventId), { json: { auth_chain: authEvents.map(({ pdu }) => pdu) } });
    server.server.on('GET', path(second.eventId), absent);
    const sentinel = room.add(say('sentinel'));
    await server.transact(hs1, [first, second, sentinel]);
    await alice.syncUntil('the last message', hasEvent(roomId, sentinel.eventId));
    return { server, alice, roomId, outlier, first, second };
  });

  async function expectRejected(which: 'outlier' | 'first' | 'second'): Promise<void> {
    const { alice, roomId, [which]: event } = await setting();
    expect((await alice.call('GET', p`/v3/rooms/${roomId}/event/${event.eventId}`)).status).toBe(404);
  }

  test('Outlier should be rejected', () => expectRejected('outlier'));

  test('sent event 1 should be rejected', () => expectRejected('first'));

  test('sent event 2 should be rejected', async () => {
    await expectRejected('second');
    await (await setting()).server.stop();
  });
});

test('TestUnrejectRejectedEvents', async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const alice = await hs1.newUser('alice');
  const bob = server.user('bob');
  const room = server.createRoom('10', bob);
  const { roomId } = room;
  await alice.join(roomId, {}, [server.name]);
  const first = room.build({ type: 'org.example.a', sender: bob, content: { event: 'A' } });
  const second = room.build({ type: 'org.example.b', sender: bob, content: { event: 'B' }, after: [first] });
  // Nobody tells what is before the second event.
  for (const [method, path] of [
    ['POST', `get_missing_events/`],
    ['GET', 'state'],
    ['GET', 'event'],
    ['GET', 'backfill/'],
  ] as const) {
    server.server.on(method, `/_matrix/federation/v1/${path}*`, absent);
  }
  await server.transact(hs1, [second]);
  await server.transact(hs1, [first]);
  const { next_batch: since } = await alice.syncUntil('the first', hasEvent(roomId, first.eventId));
  await server.transact(hs1, [second]);
  await alice.syncUntil('the second', hasEvent(roomId, second.eventId), { since });
  await server.stop();
});

test('TestFederationRedactSendsWithoutEvent', async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const alice = await hs1.newUser('alice');
  const charlie = server.user('charlie');
  const room = server.createRoom('10', charlie);
  const levels = room.find('m.room.power_levels')?.pdu.content ?? {};
  room.state(charlie, 'm.room.power_levels', { ...levels, redact: 0 });
  await alice.join(room.roomId, {}, [server.name]);
  const unknown = room.message(charlie, 'never sent');
  const redaction = await alice.redact(room.roomId, unknown.eventId, { reason: 'reasons' });
  const pdu = await server.pdu('the redaction', ({ type }) => type === 'm.room.redaction');
  expect(pdu.redacts).toBe(unknown.eventId);
  expect(room.events.has(redaction as never)).toBe(true);
  await server.stop();
});

test('TestSyncOmitsStateChangeOnFilteredEvents', async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const alice = await hs1.newUser('alice');
  const bob = server.user('bob');
  const room = server.createRoom('10', bob);
  const { roomId } = room;
  await alice.join(roomId, {}, [server.name]);
  const before = await alice.message(roomId, 'E1');
  await server.pdu('the first message', ({ content }) => content.body === 'E1');
  const fields = { type: 'm.room.name', sender: bob, stateKey: '', content: { name: 'S2' } };
  const name = room.build({ ...fields, after: [room.get(before)] });
  await alice.message(roomId, 'E3');
  await alice.message(roomId, 'E4');
  await server.transact(hs1, [name]);
  await alice.syncUntil('the name', hasEvent(roomId, name.eventId));
  await alice.send(roomId, 'org.example.filtered', { body: 'E5' });
  const filter = JSON.stringify({ room: { timeline: { not_types: ['org.example.filtered'], limit: 1 } } });
  const { state, timeline } = (await alice.sync({ filter })).rooms?.join?.[roomId] ?? {};
  const told = [...(state?.events ?? []), ...(timeline?.events ?? [])].map((event) => event.event_id);
  expect(told).toContain(name.eventId);
  await server.stop();
});

test('TestSync: a position behind a redaction of what is unknown is no harm, over federation', async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const alice = await hs1.newUser('alice');
  const charlie = server.user('charlie');
  const roomId = await alice.createPublicRoom({ room_version: '10' });
  const sentinel = await alice.createPublicRoom({ room_version: '10' });
  const room = await server.join(hs1, roomId, charlie);
  const other = await server.join(hs1, sentinel, charlie);
  await alice.syncUntil('both rooms', (sync) => isJoined(roomId)(sync) && isJoined(sentinel)(sync));
  const redaction = room.add({ type: 'm.room.redaction', sender: charlie, redacts: `$${'x'.repeat(43)}` });
  await server.transact(hs1, [redaction]);
  const last = other.message(charlie, 'after it');
  await server.transact(hs1, [last]);
  const { next_batch: since } = await alice.syncUntil('the message', hasEvent(sentinel, last.eventId));
  const behind = room.message(charlie, 'behind the redaction');
  await server.transact(hs1, [behind]);
  await alice.syncUntil('what is said then', hasEvent(roomId, behind.eventId), { since });
  await server.stop();
});

testAnswersOf('federation_event_auth and others');
