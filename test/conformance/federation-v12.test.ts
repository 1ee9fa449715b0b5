import { describe, expect } from 'vitest';
import { authEventIds } from '../../homeserver/src/protocol/pdu.ts';
import { sendJson } from '../harness/federation/federation-server.ts';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent } from './lib/events.ts';
import { eventually } from './lib/eventually.ts';
import type { FederatedRoom, RoomEvent } from './lib/federation/federated-room.ts';
import { homeserver } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import type { User } from './lib/user.ts';

const version = '12';

const setting = shared(async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  return { hs1, server, alice: await hs1.newUser('alice') };
});

/** Waits until the test server has what has been sent. */
function arrival(server: TestServer, room: FederatedRoom, eventId: string): Promise<RoomEvent> {
  return eventually(async () => room.get(eventId)).catch(() => {
    throw new Error(`${server.name} never got ${eventId}`);
  });
}

describe('TestMSC4289PrivilegedRoomCreators', () => {
  test('admin with >PL100 sorts after the room creator for state resolution', async () => {
    const { hs1, server, alice } = await setting();
    const bob = server.user('bob');
    const roomId = await alice.createPublicRoom({ room_version: version });
    const room = await server.join(hs1, roomId, bob);
    const levels = await alice.setState(roomId, 'm.room.power_levels', { users: { [bob]: 9493420 } });
    const fork = await arrival(server, room, levels);
    await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
    // At the same time: state resolution applies the creator's first, and then this one.
    const content = { join_rule: 'knock' };
    const other = room.add({ type: 'm.room.join_rules', sender: bob, stateKey: '', content, after: [fork] });
    await server.transact(hs1, [other]);
    await alice.syncUntil('the other join rules', hasStateEvent(roomId, other.eventId));
    expect(await alice.state(roomId, 'm.room.join_rules')).toEqual(content);
  });
});

/** A state event may come with the state or in the timeline. */
function hasStateEvent(roomId: string, eventId: string) {
  return (sync: Parameters<ReturnType<typeof hasEvent>>[0]) =>
    hasEvent(roomId, eventId)(sync) ||
    (sync.rooms?.join?.[roomId]?.state?.events ?? []).some((event) => event.event_id === eventId);
}

test('TestComplementCanCreateValidV12Rooms', async () => {
  const { hs1, server, alice } = await setting();
  const bob = server.user('bob');
  const room = server.createRoom(version, bob);
  await alice.join(room.roomId, {}, [server.name]);
  const message = room.message(bob, 'Hello world');
  await server.transact(hs1, [message]);
  await alice.syncUntil('the message', hasEvent(room.roomId, message.eventId));
});

test('TestMSC4291RoomIDAsHashOfCreateEvent_AuthEventsOmitsCreateEvent', async () => {
  const { hs1, server, alice } = await setting();
  const roomId = await alice.createPublicRoom({ room_version: version });
  const room = await server.join(hs1, roomId, server.user('bob'));
  const create = room.find('m.room.create');
  expect(roomId).toBe(`!${create?.eventId.slice(1)}`);
  expect(create?.pdu).not.toHaveProperty('room_id');
  for (const { eventId, pdu } of room.events.values()) {
    if (eventId === create?.eventId) continue;
    expect(authEventIds(pdu)).not.toContain(create?.eventId);
    expect(pdu.room_id).toBe(roomId);
  }
});

test('TestMSC4311FullCreateEventOnStrippedState, to another server', async () => {
  const { server, alice } = await setting();
  const roomId = await alice.createRoom({ room_version: version, invite: [server.user('invited')] });
  const { state } = await server.invitation(roomId);
  // Servers tell each other whole events, so that the room id can be checked.
  const create = state.find(({ type }) => type === 'm.room.create');
  expect(create).toMatchObject({
    origin_server_ts: expect.any(Number),
    hashes: expect.any(Object),
    signatures: { [alice.serverName]: expect.any(Object) },
  });
});

/** More than any server walks back. */
const longChange = 250;

/**
 * A user of the test server changes the own name very often, and tells the last change alone. Servers ask for some of
 * what is missing, then for the state before, of which the test server lies.
 * @returns the last change
 */
async function tellLastOfMany(
  world: { server: TestServer; room: FederatedRoom; user: string; observer: User },
  after: readonly RoomEvent[],
  lie: readonly RoomEvent[],
): Promise<void> {
  const { server, room, user, observer } = world;
  const changes: RoomEvent[] = [];
  for (let index = 0; index < longChange; index++) {
    const content = { membership: 'join', displayname: `${index}` };
    const previous = changes.at(-1);
    changes.push(
      room.add({
        type: 'm.room.member',
        sender: user,
        stateKey: user,
        content,
        after: previous ? [previous] : after,
      }),
    );
  }
  const indexOf = new Map(changes.map(({ eventId }, index) => [eventId as string, index]));
  const base = '/_matrix/federation/v1';
  let wasAsked = false;
  server.server.on('POST', `${base}/get_missing_events/*`, (received, response) => {
    const latest = (received.body.latest_events as string[])[0] ?? '';
    const index = indexOf.get(latest) ?? 0;
    const events = changes.slice(Math.max(0, index - 10), index).map(({ pdu }) => pdu);
    sendJson(response, 200, { events });
  });
  const stateBefore = (path: string) => {
    wasAsked = true;
    const eventId = new URL(path, 'https://test').searchParams.get('event_id') ?? '';
    const index = indexOf.get(eventId) ?? 0;
    const own = changes[index - 1] ?? after[0];
    const state = own ? [own, ...lie] : [...lie];
    return { state, chain: room.authChain(state) };
  };
  server.server.on('GET', `${base}/state_ids/*`, (received, response) => {
    const { state, chain } = stateBefore(received.path);
    const ids = (events: RoomEvent[]) => events.map(({ eventId }) => eventId);
    sendJson(response, 200, { pdu_ids: ids(state), auth_chain_ids: ids(chain) });
  });
  server.server.on('GET', `${base}/state/*`, (received, response) => {
    const { state, chain } = stateBefore(received.path);
    const pdus = (events: RoomEvent[]) => events.map(({ pdu }) => pdu);
    sendJson(response, 200, { pdus: pdus(state), auth_chain: pdus(chain) });
  });
  const last = changes.at(-1);
  if (!last) throw new Error('no change');
  const since = await observer.now();
  await server.transact(await homeserver('hs1'), [last]);
  await observer.syncUntil('the last change', hasStateEvent(room.roomId, last.eventId), { since });
  expect(wasAsked).toBe(true);
}

function required(event: RoomEvent | undefined): RoomEvent {
  if (!event) throw new Error('no such state');
  return event;
}

test('TestMSC4297StateResolutionV2_1_starts_from_empty_set', async () => {
  const { hs1, server } = await setting();
  const [alice, bob] = [await hs1.newUser('alice'), await hs1.newUser('bob')];
  const charlie = server.user('charlie');
  const roomId = await alice.createPublicRoom({ room_version: version });
  await bob.join(roomId);
  const room = await server.join(hs1, roomId, charlie);
  const isPublic = required(room.find('m.room.join_rules'));
  const closing = await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
  await arrival(server, room, closing);
  await alice.leave(roomId);
  await server.pdu('that Alice leaves', ({ state_key: key, content, room_id: room }) => {
    return room === roomId && key === alice.userId && content.membership === 'leave';
  });
  const lie = [
    required(room.find('m.room.create')),
    required(room.find('m.room.power_levels')),
    required(room.find('m.room.member', bob.userId)),
    required(room.find('m.room.member', alice.userId)),
    // Not so: the room is closed by now.
    isPublic,
  ];
  await tellLastOfMany({ server, room, user: charlie, observer: bob }, room.ends, lie);
  expect(await bob.state(roomId, 'm.room.join_rules')).toEqual({ join_rule: 'invite' });
});

test('TestMSC4297StateResolutionV2_1_includes_conflicted_subgraph', async () => {
  const { hs1, server } = await setting();
  const creator = await hs1.newUser('creator');
  const [alice, bob, zara] = [
    await hs1.newUser('alice'),
    await hs1.newUser('bob'),
    await hs1.newUser('zara'),
  ];
  const [charlie, eve] = [server.user('charlie'), server.user('eve')];
  const roomId = await creator.createPublicRoom({ room_version: version });
  await creator.setState(roomId, 'm.room.power_levels', { users: { [alice.userId]: 100 } });
  for (const user of [alice, bob]) await user.join(roomId);
  const room = await server.join(hs1, roomId, charlie);
  const first = required(room.find('m.room.power_levels'));
  const second = { [alice.userId]: 100, [bob.userId]: 50 };
  await alice.setState(roomId, 'm.room.power_levels', { users: second });
  const third = { ...second, [charlie]: 50 };
  const thirdId = await bob.setState(roomId, 'm.room.power_levels', { users: third });
  const fork = await arrival(server, room, thirdId);
  await zara.join(roomId);
  const content = { membership: 'join' };
  const join = room.add({ type: 'm.room.member', sender: eve, stateKey: eve, content, after: [fork] });
  await server.transact(hs1, [join]);
  await alice.syncUntil("Eve's join", hasStateEvent(roomId, join.eventId));
  const lie = [
    required(room.find('m.room.create')),
    required(room.find('m.room.join_rules')),
    ...[alice.userId, bob.userId, charlie].map((user) => required(room.find('m.room.member', user))),
    // Not so: it is the third by now.
    first,
  ];
  await tellLastOfMany({ server, room, user: eve, observer: alice }, [join], lie);
  const { users } = await alice.state<{ users: object }>(roomId, 'm.room.power_levels');
  expect(users).toEqual(third);
});

testAnswersOf('v12 over federation');
