import { describe, expect } from 'vitest';
import { eventIdOf } from '../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { hashAndSign } from '../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, timelineOf } from './lib/events.ts';
import { type RoomEvent, versionOf } from './lib/federation/federated-room.ts';
import { homeserver } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';

const setting = shared(async () => {
  const hs1 = await homeserver('hs1');
  return { hs1, alice: await hs1.newUser('alice') };
});

const absent = { status: 404, json: { errcode: 'M_NOT_FOUND', error: 'Not found' } };
const missingPath = (roomId: string) => p`/_matrix/federation/v1/get_missing_events/${roomId}`;

/** An event with other fields, which this room version may not allow. */
function spoilt(server: TestServer, { pdu }: RoomEvent, changes: JsonObject): RoomEvent {
  const lax = { ...versionOf('10'), strictCanonicalJson: false };
  const { hashes: _, signatures: __, ...event } = pdu;
  const made = hashAndSign({ ...event, ...changes }, lax, server.name, server.server.key) as unknown as Pdu;
  return { pdu: made, eventId: eventIdOf(made, lax) };
}

test('TestGetMissingEventsGapFilling', async () => {
  const { hs1, alice } = await setting();
  const server = await TestServer.start();
  const bob = server.user('bob');
  const roomId = await alice.createPublicRoom({ room_version: '10' });
  const room = await server.join(hs1, roomId, bob);
  const shownLast = room.find('m.room.member', bob)?.eventId ?? '';
  const { next_batch: since } = await alice.syncUntil('the join', hasEvent(roomId, shownLast));
  const missing = Array.from({ length: 5 }, (_, index) => room.message(bob, `missing ${index}`));
  const last = room.message(bob, 'the last');
  await server.transact(hs1, [last]);
  const syncs = await alice.syncAllUntil('the last message', hasEvent(roomId, last.eventId), { since });
  const shown = syncs.flatMap((sync) => timelineOf(sync, roomId).map(({ event_id }) => event_id));
  expect(shown).toEqual([...missing, last].map(({ eventId }) => eventId));
  const asked = await server.request('POST', missingPath(roomId));
  expect(asked.body).toMatchObject({ earliest_events: [shownLast], latest_events: [last.eventId] });
  // What was missing is no reason to ask for the state.
  expect(server.server.received.filter(({ path }) => path.includes('/v1/state'))).toEqual([]);
  await server.stop();
});

test('TestOutboundFederationIgnoresMissingEventWithBadJSONForRoomVersion6', async () => {
  const { hs1, alice } = await setting();
  const server = await TestServer.start();
  const charlie = server.user('charlie');
  const room = server.createRoom('10', charlie);
  const { roomId } = room;
  await alice.join(roomId, {}, [server.name]);
  const ends = room.ends.map(({ eventId }) => eventId);
  const say = (body: string) => ({ type: 'm.room.message', sender: charlie, content: { body } });
  const bad = spoilt(server, room.build(say('first')), { content: { body: 'first', bad: 1.1 } });
  const good = spoilt(server, room.build(say('second')), { prev_events: [bad.eventId], depth: 50 });
  const third = spoilt(server, room.build(say('third')), { prev_events: [good.eventId], depth: 51 });
  const asked = () => server.server.askedFor(missingPath(roomId)).map(({ body }) => body);
  server.server.on('GET', '/_matrix/federation/v1/state*', absent);
  server.server.on('GET', '/_matrix/federation/v1/event*', absent);
  server.server.on('POST', missingPath(roomId), { json: { events: [bad.pdu] } });
  expect(Object.keys(await server.transact(hs1, [good]))).toEqual([good.eventId]);
  await server.request('POST', missingPath(roomId));
  expect(asked()).toMatchObject([{ earliest_events: ends, latest_events: [good.eventId] }]);
  // That it was not taken is seen by what builds on it.
  server.server.on('POST', missingPath(roomId), { json: { events: [] } });
  await server.transact(hs1, [third]);
  const last = room.message(charlie, 'as it should be');
  await server.transact(hs1, [last]);
  await alice.syncUntil('the last message', hasEvent(roomId, last.eventId));
  expect(asked().at(-1)).toMatchObject({ earliest_events: ends, latest_events: [third.eventId] });
  for (const { eventId } of [bad, good, third]) {
    expect((await alice.call('GET', p`/v3/rooms/${roomId}/event/${eventId}`)).status).toBe(404);
  }
  await server.stop();
});

describe('TestInboundCanReturnMissingEvents', () => {
  for (const visibility of ['world_readable', 'shared', 'invited', 'joined']) {
    test(`Inbound federation can return missing events for ${visibility} visibility`, async () => {
      const { hs1, alice } = await setting();
      const server = await TestServer.start();
      const charlie = server.user('charlie');
      const roomId = await alice.createPublicRoom({ room_version: '10' });
      await alice.setState(roomId, 'm.room.history_visibility', { history_visibility: visibility });
      await alice.message(roomId, '1');
      const room = await server.join(hs1, roomId, charlie);
      const [earliest, latest] = [room.find('m.room.create'), room.find('m.room.member', charlie)];
      const { events } = await server.askOk<{ events: Pdu[] }>(
        hs1,
        'POST',
        p`v1/get_missing_events/${roomId}`,
        {
          earliest_events: [earliest?.eventId ?? ''],
          latest_events: [latest?.eventId ?? ''],
          limit: 10,
          min_depth: 1,
        },
      );
      const names = events.map(({ type }) => type.replace('m.room.', ''));
      const changes = visibility === 'shared' ? [] : ['history_visibility'];
      expect(names.filter((name) => name !== 'guest_access')).toEqual([
        ...['member', 'power_levels', 'join_rules', 'history_visibility', ...changes, 'message'],
      ]);
      const message = events.at(-1);
      expect(message?.room_id).toBe(roomId);
      // What was said before its users came is told without its content where they may not see it.
      const isVisible = ['world_readable', 'shared'].includes(visibility);
      expect(message?.content).toEqual(isVisible ? { msgtype: 'm.text', body: '1' } : {});
      await server.stop();
    });
  }
});

test('TestOutboundFederationEventSizeGetMissingEvents', async () => {
  const { hs1, alice } = await setting();
  const server = await TestServer.start();
  const charlie = server.user('charlie');
  const room = server.createRoom('10', charlie);
  await alice.join(room.roomId, {}, [server.name]);
  // More than 255 bytes and fewer than 255 characters.
  room.state(charlie, 'org.example.breaker', {}, '💥'.repeat(70));
  const sent = room.message(charlie, 'behind it');
  const results = await server.transact(hs1, [sent]);
  expect(Object.keys(results)).toEqual([sent.eventId]);
  await server.request('POST', missingPath(room.roomId));
  await alice.syncUntil('the message', hasEvent(room.roomId, sent.eventId));
  await server.stop();
});

test('TestCorruptedAuthChain', async () => {
  const { hs1, alice } = await setting();
  const stayer = await hs1.newUser('stayer');
  const server = await TestServer.start();
  const bob = server.user('bob');
  const roomId = await alice.createPublicRoom({ room_version: '10' });
  await stayer.join(roomId);
  // So that few of the events of the state are unknown, and are asked for one by one.
  for (let times = 0; times < 25; times += 1) {
    await alice.leave(roomId);
    await alice.join(roomId);
  }
  const room = await server.join(hs1, roomId, bob);
  const chain: RoomEvent[] = [];
  for (const name of ['A', 'B', 'C', 'D', 'E']) {
    chain.push(room.state(bob, 'm.room.member', { membership: 'join', displayname: name }, bob));
  }
  const forState = room.message(bob, 'for /state_ids');
  const between = room.message(bob, 'for /get_missing_events');
  const sent = room.message(bob, 'for /send');
  const [, lost] = chain;
  const path = '/_matrix/federation/v1';
  server.server.on('POST', missingPath(roomId), { json: { events: [between.pdu] } });
  server.server.on('GET', `${path}/event/${encodeURIComponent(lost?.eventId ?? '')}`, absent);
  server.server.on('GET', `${path}/event_auth/*`, absent);
  server.server.on('GET', `${path}/state/*`, absent);
  const results = await server.transact(hs1, [sent]);
  expect(Object.keys(results)).toEqual([sent.eventId]);
  await server.request('GET', `${path}/state_ids/`);
  await server.request('GET', `${path}/event/${encodeURIComponent(lost?.eventId ?? '')}`);
  const mark = await alice.message(roomId, 'after it');
  await alice.syncUntil('the message', hasEvent(roomId, mark));
  // What rests on an event that could not be had is not in the state.
  const { displayname } = await stayer.state<{ displayname?: string }>(roomId, 'm.room.member', bob);
  expect(['C', 'D', 'E']).not.toContain(displayname);
  expect(forState.pdu.room_id).toBe(roomId);
  await server.stop();
});

testAnswersOf('federation_room_get_missing_events');
