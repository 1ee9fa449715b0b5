import { describe, expect } from 'vitest';
import { eventIdOf } from '../../homeserver/src/protocol/event-hash.ts';
import { authEventIds, type Pdu } from '../../homeserver/src/protocol/pdu.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { shared, skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { type FederatedRoom, versionOf } from './lib/federation/federated-room.ts';
import { homeserver } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import { newName } from './lib/register.ts';
import { User } from './lib/user.ts';

const version = '10';

const setting = shared(async () => {
  const [hs1, hs2, server] = [await homeserver('hs1'), await homeserver('hs2'), await TestServer.start()];
  return { hs1, hs2, server, alice: await hs1.newUser('alice'), bob: await hs2.newUser('bob') };
});

test('TestJoinViaRoomIDAndServerName', async () => {
  const { hs1, alice, bob } = await setting();
  const server = await TestServer.start();
  const room = server.createRoom(version, server.user('charlie'));
  await alice.join(room.roomId, {}, [server.name]);
  // The server that the room id names lets nobody in any more, but its keys and events are still to be had.
  const closed = { status: 502, json: { errcode: 'M_UNKNOWN', error: 'Closed' } };
  server.server.on('GET', '/_matrix/federation/v1/make_join/*', closed);
  server.server.on('PUT', '/_matrix/federation/v2/send_join/*', closed);
  expect(await bob.join(room.roomId, {}, [hs1.serverName])).toBe(room.roomId);
  await server.pdu('the join', (pdu) => pdu.state_key === bob.userId);
  await server.stop();
});

test('TestJoinFederatedRoomFailOver', async () => {
  const { hs2, server, alice, bob } = await setting();
  const roomId = await bob.createPublicRoom();
  await alice.join(roomId, {}, [server.name, hs2.serverName]);
  const content = await bob.state(roomId, 'm.room.member', alice.userId);
  expect(content).toMatchObject({ membership: 'join' });
  const asked = server.server.received.map(({ path }) => decodeURIComponent(path.split('?')[0] ?? ''));
  expect(asked).toContain(`/_matrix/federation/v1/make_join/${roomId}/${alice.userId}`);
});

describe('TestJoinFederatedRoomWithUnverifiableEvents', () => {
  const badSignature = 'A'.repeat(86);

  /** A room one of whose events has other signatures, which can nevertheless be joined. */
  async function expectJoin(make: (room: FederatedRoom, charlie: string, server: TestServer) => void) {
    const { server, alice } = await setting();
    const charlie = server.user('charlie');
    const room = server.createRoom(version, charlie);
    make(room, charlie, server);
    await alice.join(room.roomId, {}, [server.name]);
    expect(await alice.state(room.roomId, 'm.room.create')).toMatchObject({ room_version: version });
  }

  function adoptName(room: FederatedRoom, sender: string, signatures: Pdu['signatures']): void {
    const name = { type: 'm.room.name', sender, stateKey: '', content: { name: 'A name' } };
    room.adopt({ ...room.build(name).pdu, signatures });
  }

  test("/send_join response missing signatures shouldn't block room join", () =>
    expectJoin((room, charlie) => adoptName(room, charlie, {})));

  test("/send_join response with bad signatures shouldn't block room join", () =>
    expectJoin((room, charlie, server) =>
      adoptName(room, charlie, { [server.name]: { [server.server.key.keyId]: badSignature } }),
    ));

  test("/send_join response with unobtainable keys shouldn't block room join", () =>
    expectJoin((room, charlie, server) =>
      adoptName(room, charlie, { [server.name]: { 'ed25519:nowhere': badSignature } }),
    ));

  test("/send_join response with state with unverifiable auth events shouldn't block room join", () =>
    expectJoin((room, charlie, server) => {
      const doris = server.user('doris');
      const join = { type: 'm.room.member', sender: doris, stateKey: doris, content: { membership: 'join' } };
      const signatures = { [server.name]: { [server.server.key.keyId]: badSignature } };
      room.adopt({ ...room.build(join).pdu, signatures });
      room.member(doris, 'leave');
      // A state event of a user who is in order rests on it all the same.
      room.state(charlie, 'm.room.topic', { topic: 'after it' });
    }));
});

test('TestBannedUserCannotSendJoin', async () => {
  const { hs1, server, alice } = await setting();
  const charlie = server.user('banned');
  const roomId = await alice.createPublicRoom({ room_version: version });
  await alice.setState(roomId, 'm.room.member', { membership: 'ban' }, charlie);
  const made = await server.make(hs1, 'join', roomId, server.user('another'));
  const template = made.body.event as JsonObject;
  const { pdu, eventId } = server.sign({ ...template, sender: charlie, state_key: charlie }, version);
  const { status, body } = await server.ask(hs1, 'PUT', p`v2/send_join/${roomId}/${eventId}`, pdu);
  expect([status, body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  expect(await alice.state(roomId, 'm.room.member', charlie)).toEqual({ membership: 'ban' });
});

/** What an endpoint takes is one membership alone. @param path behind `/_matrix/federation/` */
function refusesOthers(name: string, path: string, membership: string, versionId: string): void {
  describe(name, () => {
    const joined = shared(async () => {
      const { hs1, server, alice } = await setting();
      const charlie = server.user(newName('charlie'));
      const roomId = await alice.createPublicRoom({ room_version: versionId });
      return { hs1, server, charlie, room: await server.join(hs1, roomId, charlie) };
    });

    async function expectRefusal(fields: { type?: string; stateKey?: string; content: JsonObject }) {
      const { hs1, server, charlie, room } = await joined();
      const { pdu, eventId } = room.build({ type: 'm.room.member', sender: charlie, ...fields });
      const { status } = await server.ask(hs1, 'PUT', path + p`/${room.roomId}/${eventId}`, pdu);
      expect(status).toBe(400);
    }

    test('regular event', () => expectRefusal({ type: 'm.room.message', content: { body: 'bzz' } }));

    test('non-state membership event', () => expectRefusal({ content: { membership } }));

    for (const other of ['join', 'leave', 'knock', 'invite'].filter((one) => one !== membership)) {
      test(`${other} event`, async () => {
        const { charlie } = await joined();
        await expectRefusal({ stateKey: charlie, content: { membership: other } });
      });
    }

    test('event with mismatched state key', async () => {
      const { server } = await joined();
      await expectRefusal({ stateKey: server.user('doris'), content: { membership } });
    });
  });
}

refusesOthers('TestCannotSendNonJoinViaSendJoinV1', 'v1/send_join', 'join', version);
refusesOthers('TestCannotSendNonJoinViaSendJoinV2', 'v2/send_join', 'join', version);
refusesOthers('TestCannotSendNonLeaveViaSendLeaveV1', 'v1/send_leave', 'leave', version);
refusesOthers('TestCannotSendNonLeaveViaSendLeaveV2', 'v2/send_leave', 'leave', version);
refusesOthers('TestCannotSendNonKnockViaSendKnock', 'v1/send_knock', 'knock', '7');
refusesOthers('TestCannotSendKnockViaSendKnockInMSC3787Room', 'v1/send_knock', 'knock', '10');

test('TestSendJoinPartialStateResponse', async () => {
  const { hs1, server, alice } = await setting();
  const roomId = await alice.createPublicRoom({ room_version: version });
  // More than are needed to call the room by.
  const others = await Promise.all(Array.from({ length: 8 }, () => hs1.newUser('member')));
  for (const user of others) await user.join(roomId);
  const made = await server.make(hs1, 'join', roomId, server.user('partial'));
  const { pdu, eventId } = server.sign(made.body.event as JsonObject, version);
  const path = `${p`v2/send_join/${roomId}/${eventId}`}?omit_members=true`;
  const answer = await server.askOk<{
    members_omitted?: boolean;
    state: Pdu[];
    auth_chain: Pdu[];
    servers_in_room?: string[];
  }>(hs1, 'PUT', path, pdu);
  if (!answer.members_omitted) skip('answers with the whole state, which is allowed');
  expect(answer.servers_in_room).toContain(hs1.serverName);
  const types = answer.state.map(({ type }) => type);
  for (const type of ['create', 'power_levels', 'join_rules', 'history_visibility']) {
    expect(types).toContain(`m.room.${type}`);
  }
  // Those by whom the room is called, and no more.
  const members = types.filter((type) => type === 'm.room.member').length;
  expect([members >= 5, members < 9]).toEqual([true, true]);
  // With the auth chain all is there that it and the join rest on, and nothing twice.
  const idOf = (event: Pdu) => eventIdOf(event, versionOf(version));
  const all = [...answer.state, ...answer.auth_chain];
  const ids = all.map(idOf);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(expect.arrayContaining([...all, pdu].flatMap(authEventIds)));
});

describe('TestJoinFederatedRoomFromApplicationServiceBridgeUser', () => {
  test('join remote federated room as application service user', async () => {
    const { hs1, hs2, bob } = await setting();
    const { token } = hs1.facts.appservice;
    const roomId = await bob.createPublicRoom();
    const bot = new User(
      { user_id: `@conformance-bot:${hs1.serverName}`, access_token: token, device_id: '' },
      '',
      hs1.url,
    );
    await bot.join(roomId, {}, [hs2.serverName]);
    const content = await bob.state(roomId, 'm.room.member', bot.userId);
    expect(content).toMatchObject({ membership: 'join' });
  });
});

test('TestOutboundFederationSend', async () => {
  const { hs1, server, alice } = await setting();
  const room = server.createRoom(version, server.user('charlie'));
  const alias = `#flibble:${server.name}`;
  server.aliases.set(alias, room.roomId);
  await alice.join(alias);
  const eventId = await alice.message(room.roomId, 'Hello world!');
  const isIt = ({ type, room_id }: Pdu) => type === 'm.room.message' && room_id === room.roomId;
  const pdu = await server.pdu('the message', isIt);
  expect(pdu).toMatchObject({ sender: alice.userId, content: { msgtype: 'm.text', body: 'Hello world!' } });
  expect(room.get(eventId).pdu).toEqual(pdu);
  expect(Object.keys(pdu.signatures)).toEqual([hs1.serverName]);
});

test('TestNetworkPartitionOrdering', async () => {
  const { hs1, server, alice } = await setting();
  const bob = await hs1.newUser('bob');
  const charlie = server.user('charlie');
  const room = server.createRoom(version, charlie);
  const { roomId } = room;
  await alice.join(roomId, {}, [server.name]);
  await bob.join(roomId, {}, [server.name]);
  await server.pdu("Bob's join", ({ state_key: stateKey }) => stateKey === bob.userId);
  const filter = JSON.stringify({ room: { timeline: { limit: 4 } } });
  const { next_batch: since } = await bob.sync({ filter });
  // Made on the same ends as the first of the others, and sent late.
  const late = room.message(charlie, "event 1'");
  const early = await alice.messages(roomId, 'event', 4);
  await server.transact(hs1, [late]);
  await alice.syncUntil('the late event', (sync) =>
    (sync.rooms?.join?.[roomId]?.timeline?.events ?? []).some(({ event_id: id }) => id === late.eventId),
  );
  const last = await alice.messages(roomId, 'later event', 3);
  const { timeline } = (await bob.sync({ since, filter })).rooms?.join?.[roomId] ?? {};
  expect(timeline?.events.map(({ event_id: id }) => id)).toEqual([late.eventId, ...last]);
  const page = await bob.pageOf(roomId, { dir: 'b', limit: 4, from: timeline?.prev_batch ?? '' });
  expect(page.chunk.map(({ event_id: id }) => id)).toEqual(early.toReversed());
});

testAnswersOf('federation_room_join');
