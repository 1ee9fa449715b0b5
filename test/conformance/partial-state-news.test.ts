import { describe, expect } from 'vitest';
import type { JsonObject } from '../../matrix/json.ts';
import { sendJson } from '../harness/federation/federation-server.ts';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, isJoined, memberEventOf, type SyncAnswer, timelineOf } from './lib/events.ts';
import { eventually } from './lib/eventually.ts';
import type { FederatedRoom, RoomEvent } from './lib/federation/federated-room.ts';
import { homeserver } from './lib/federation/homeserver.ts';
import { PartialJoin } from './lib/federation/partial-join.ts';
import { type Edu, TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import { listing } from './lib/public-rooms.ts';
import { newName } from './lib/register.ts';
import type { User } from './lib/user.ts';

type Prepare = (server: TestServer, room: FederatedRoom, user: User) => void;

/** A row, with a join under way of which the rest of the state is withheld. */
function during(name: string, body: (join: PartialJoin) => Promise<void>, prepare?: Prepare): void {
  test(name, async () => {
    const alice = await (await homeserver('hs1')).newUser('alice');
    const join = await PartialJoin.begin(alice, (server, room) => prepare?.(server, room, alice));
    try {
      await body(join);
    } finally {
      await join.end();
    }
  });
}

function powers(server: TestServer, room: FederatedRoom, users: Record<string, number>): void {
  const levels = Object.fromEntries(Object.entries(users).map(([name, level]) => [server.user(name), level]));
  const content = { users: { [server.user('charlie')]: 100, ...levels }, state_default: 50 };
  room.state(server.user('charlie'), 'm.room.power_levels', content);
}

/** An event whose auth events let it pass, though its sender has left: by `since`. */
function outdated(join: PartialJoin, fields: { type: string; stateKey: string; content: JsonObject }) {
  const { room, derek } = join;
  const isDereks = ({ pdu }: RoomEvent) => pdu.state_key === derek && pdu.content.membership === 'join';
  const joined = [...room.events.values()].filter(isDereks);
  const others = room
    .authEventsFor({ sender: derek, ...fields })
    .filter(({ pdu }) => pdu.type !== 'm.room.member' || pdu.state_key !== derek);
  return room.build({ sender: derek, ...fields, authEvents: [...others, ...joined] });
}

async function isHidden(user: User, roomId: string, { eventId }: RoomEvent): Promise<void> {
  await eventually(async () => {
    expect(await user.refusal('GET', p`/v3/rooms/${roomId}/event/${eventId}`)).toEqual([404, 'M_NOT_FOUND']);
  });
}

describe('TestPartialStateJoin', () => {
  during('Rejected events remain rejected after resync', async (join) => {
    const bad = join.room.build({ type: 'm.room.test', sender: join.derek, stateKey: '', content: {} });
    join.room.adopt(bad.pdu, true);
    await join.tellWith(bad);
    await isHidden(join.user, join.roomId, bad);
    const content = { msgtype: 'm.text', body: 'good' };
    await join.expectReceived(join.room.build({ type: 'm.room.message', sender: join.charlie, content }));
    await isHidden(join.user, join.roomId, bad);
  });

  during(
    'State accepted incorrectly',
    async (join) => {
      const bad = outdated(join, { type: 'm.room.test', stateKey: '', content: {} });
      join.room.adopt(bad.pdu, true);
      await join.tell(bad);
      const content = { msgtype: 'm.text', body: 'good' };
      await join.expectReceived(join.room.build({ type: 'm.room.message', sender: join.charlie, content }));
      await isHidden(join.user, join.roomId, bad);
    },
    (server, room) => {
      powers(server, room, { derek: 50 });
      room.member(server.user('derek'), 'leave');
    },
  );

  during(
    'State rejected incorrectly',
    async (join) => {
      const { room, roomId, user } = join;
      const elsie = join.server.user('elsie');
      const content = { membership: 'leave' };
      const bad = outdated(join, { type: 'm.room.member', stateKey: elsie, content });
      room.adopt(bad.pdu, true);
      const good = room.state(elsie, 'm.room.test', {});
      await join.tellWith(bad, good);
      await isHidden(user, roomId, good);
      const message = { msgtype: 'm.text', body: 'good' };
      await join.expectReceived(
        room.build({ type: 'm.room.message', sender: join.charlie, content: message }),
      );
      await isHidden(user, roomId, bad);
      expect(await user.state(roomId, 'm.room.test')).toEqual({});
    },
    (server, room) => {
      powers(server, room, { derek: 100, elsie: 50 });
      room.member(server.user('derek'), 'leave');
      room.member(server.user('elsie'));
    },
  );

  during('Resync completes even when events arrive before their prev_events', async (join) => {
    const { room, server, user, roomId, charlie } = join;
    const late = room.message(charlie, 'late');
    const outliers = Array.from({ length: 40 }, (_, index) =>
      room.state(charlie, 'outlier_state', {}, `state_${index}`),
    );
    const [first, second] = [room.message(charlie, 'first'), room.message(charlie, 'second')];
    server.server.on('POST', '/_matrix/federation/v1/get_missing_events/*', {
      json: { events: [first.pdu] },
    });
    // The state that the join came after is withheld; this one is to be had.
    for (const event of [outliers.at(-1), first]) join.tells.add(event?.eventId ?? '');
    await server.transact(server.toUserOf(user), [second]);
    await join.syncUntil('the second', hasEvent(roomId, second.eventId));
    await server.transact(server.toUserOf(user), [late]);
    await server.transact(server.toUserOf(user), outliers.slice(0, 20));
    await server.transact(server.toUserOf(user), outliers.slice(20));
    await join.complete();
    await user.syncUntil('the room', isJoined(roomId));
  });

  during(
    'Room stats are correctly updated once state re-sync completes',
    async (join) => {
      const { user, roomId } = join;
      const expectMembers = (count: number) =>
        eventually(async () => expect((await listing(user, roomId)).num_joined_members).toBe(count));
      await user.ok('PUT', p`/v3/directory/list/room/${roomId}`, { visibility: 'public' });
      await expectMembers(1);
      await join.complete();
      await expectMembers(3);
    },
    (server, room, user) => {
      // Only a moderator publishes it.
      const content = { users: { [server.user('charlie')]: 100, [user.userId]: 50 }, state_default: 50 };
      room.state(server.user('charlie'), 'm.room.power_levels', content);
    },
  );

  const rod = newName('rod');
  during(
    'User directory is correctly updated once state re-sync completes',
    async (join) => {
      const { user } = join;
      const search = async (term: string) => {
        const body = { search_term: term };
        type Found = { results: { user_id: string }[] };
        const { results } = await user.ok<Found>('POST', '/v3/user_directory/search', body);
        return results.map((result) => result.user_id);
      };
      expect(await search(rod)).toEqual([]);
      await join.complete();
      await eventually(async () => expect(await search(rod)).toEqual([join.server.user(rod)]));
    },
    (server, room) => void room.member(server.user(rod)),
  );

  during('CanReceiveDeviceListUpdateDuringPartialStateJoin', async (join) => {
    const { server, user, derek } = join;
    const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
    const content = { user_id: derek, device_id: 'QBUAZIFURK', stream_id: 1 };
    await server.transact(server.toUserOf(user), [], [{ edu_type: 'm.device_list_update', content }]);
    join.release();
    await join.syncUntil('the news', hasNewDevices(derek), { since });
  });

  during('CanReceiveSigningKeyUpdateDuringPartialStateJoin', async (join) => {
    const { server, user, derek } = join;
    const content = { user_id: derek };
    await server.transact(server.toUserOf(user), [], [{ edu_type: 'm.signing_key_update', content }]);
    await join.tell(join.room.message(derek, 'after it'));
  });

  describe('Outgoing device list updates', () => outgoingTests());

  describe('Device list tracking', () => trackingTests());
});

function hasNewDevices(userId: string, section: 'changed' | 'left' = 'changed') {
  return ({ device_lists: news }: SyncAnswer) => (news?.[section] ?? []).includes(userId);
}

/** Renames the device of the user, of which these servers are told, and those are not. */
async function renames(join: PartialJoin, told: TestServer[], untold: TestServer[] = []): Promise<void> {
  const { user } = join;
  const name = newName('device');
  const isNews = ({ edu_type: kind, content }: Edu) =>
    kind === 'm.device_list_update' && content.user_id === user.userId;
  const known = new Set([...told, ...untold].flatMap(({ edus }) => edus));
  const isRename = (edu: Edu) => isNews(edu) && !known.has(edu);
  await user.ok('PUT', p`/v3/devices/${user.deviceId}`, { display_name: name });
  for (const server of told) await server.edu('the new name', isRename);
  for (const server of untold) {
    // What comes later, to the same server.
    const type = `m.${name}`;
    const messages = { [server.user('elsie')]: { '*': { test: true } } };
    await user.ok('PUT', p`/v3/sendToDevice/${type}/${server.name}`, { messages });
    await server.edu('what comes after it', (edu) => {
      return edu.edu_type === 'm.direct_to_device' && edu.content.type === type;
    });
    expect(server.edus.filter(isRename)).toEqual([]);
  }
}

/** Elsie of another server comes into the room. */
function joinElsie(room: FederatedRoom, other: TestServer): RoomEvent {
  const template = room.template(other.user('elsie'), 'join');
  return room.adopt(other.sign(template, '10').pdu);
}

function outgoingTests(): void {
  async function withOther(
    body: (join: PartialJoin, other: TestServer) => Promise<void>,
    prepare: (room: FederatedRoom, other: TestServer, server: TestServer) => void = () => {},
  ): Promise<void> {
    const other = await TestServer.start('peer2');
    const alice = await (await homeserver('hs1')).newUser('alice');
    const join = await PartialJoin.begin(alice, (server, room) => prepare(room, other, server));
    try {
      await body(join, other);
    } finally {
      await join.end();
      await other.stop();
    }
  }

  test('Device list updates reach all servers in partial state rooms', () =>
    withOther(
      async (join, other) => {
        await renames(join, [join.server, other]);
        await join.complete();
        await renames(join, [join.server, other]);
      },
      (room, other) => void joinElsie(room, other),
    ));

  test('Device list updates reach newly joined servers in partial state rooms', () =>
    withOther(async (join, other) => {
      await renames(join, [join.server], [other]);
      await join.tell(joinElsie(join.room, other));
      await renames(join, [join.server, other]);
      await join.complete();
      await renames(join, [join.server, other]);
    }));

  test('Device list updates no longer reach departed servers after partial state join completes', () =>
    withOther(
      async (join, other) => {
        const template = join.room.template(other.user('elsie'), 'leave');
        await join.tell(join.room.adopt(other.sign(template, '10').pdu));
        await join.complete();
        await renames(join, [join.server], [other]);
      },
      (room, other) => void joinElsie(room, other),
    ));
}

function trackingTests(): void {
  /** Device lists of the test server, which it counts the questions for. */
  function serveDevices(join: PartialJoin): (userId: string) => Promise<number> {
    const { server, user } = join;
    let asked = 0;
    const keysOf = (userId: string) => ({
      user_id: userId,
      device_id: 'DEVICE',
      algorithms: ['m.megolm.v1.aes-sha2'],
      keys: { 'ed25519:DEVICE': 'lEuiRJBit0IG6nUf5pUzWTUEsRVVe/HJkoKuEww9ULI' },
      signatures: {},
    });
    server.server.on('GET', '/_matrix/federation/v1/user/devices/*', ({ path }, response) => {
      asked += 1;
      const userId = decodeURIComponent(path.split('?')[0]?.split('/').at(-1) ?? '');
      const devices = [{ device_id: 'DEVICE', keys: keysOf(userId) }];
      sendJson(response, 200, { user_id: userId, stream_id: 2, devices });
    });
    server.server.on('POST', '/_matrix/federation/v1/user/keys/query', ({ body }, response) => {
      asked += 1;
      const users = Object.keys(body.device_keys as object);
      const keys = users.map((userId) => [userId, { DEVICE: keysOf(userId) }]);
      sendJson(response, 200, { device_keys: Object.fromEntries(keys) });
    });
    return async (userId) => {
      const before = asked;
      await user.ok('POST', '/v3/keys/query', { device_keys: { [userId]: [] } });
      return asked - before;
    };
  }

  // Where keys are needed.
  const encrypted: Prepare = (server, room) => {
    const content = { algorithm: 'm.megolm.v1.aes-sha2' };
    room.state(server.user('charlie'), 'm.room.encryption', content);
  };
  const row = (name: string, act: (join: PartialJoin) => Promise<void>) => during(name, act, encrypted);

  row('Device list tracking for pre-existing members in partial state room', async (join) => {
    const questions = serveDevices(join);
    // Who is in the room is not known, so nobody's list is kept.
    for (let times = 0; times < 2; times++) expect(await questions(join.derek)).toBeGreaterThan(0);
    await join.complete();
    expect(await questions(join.derek)).toBeGreaterThan(0);
    expect(await questions(join.derek)).toBe(0);
  });

  row(
    'Device list tracking when pre-existing members in partial state room join another shared room',
    async (join) => {
      const { server, user, charlie } = join;
      serveDevices(join);
      const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
      const other = await user.createPublicRoom({ room_version: '10' });
      const hs1 = await homeserver('hs1');
      await server.join(hs1, other, charlie);
      await join.syncUntil('the news', hasNewDevices(charlie), { since });
    },
  );

  /** Elsie comes while the rest of the state is missing. */
  async function elsieJoins(join: PartialJoin): Promise<{ elsie: string; since: string }> {
    const elsie = join.server.user('elsie');
    const { next_batch: since } = await join.syncUntil('the room', isJoined(join.roomId));
    const event = join.room.member(elsie);
    await join.server.transact(join.server.toUserOf(join.user), [event]);
    await join.syncUntil('the news', hasNewDevices(elsie), { since });
    const { next_batch } = await join.syncUntil(
      'the join',
      (answer) => memberEventOf(timelineOf(answer, join.roomId), elsie, 'join') !== undefined,
      { since },
    );
    return { elsie, since: next_batch };
  }

  row('Device list tracked for new members in partial state room', async (join) => {
    const questions = serveDevices(join);
    const { elsie, since } = await elsieJoins(join);
    expect(await questions(elsie)).toBeGreaterThan(0);
    expect(await questions(elsie)).toBe(0);
    const content = { user_id: elsie, device_id: 'DEVICE', stream_id: 5, prev_id: [4] };
    const { server, user } = join;
    await server.transact(server.toUserOf(user), [], [{ edu_type: 'm.device_list_update', content }]);
    await join.syncUntil('the news', hasNewDevices(elsie), { since });
    await join.complete();
    await questions(elsie);
    expect(await questions(elsie)).toBe(0);
  });

  row('Device list no longer tracked when new member leaves partial state room', async (join) => {
    const questions = serveDevices(join);
    const { elsie, since } = await elsieJoins(join);
    await questions(elsie);
    await join.server.transact(join.server.toUserOf(join.user), [join.room.member(elsie, 'leave')]);
    await join.syncUntil('that she is gone', hasNewDevices(elsie, 'left'), { since });
    expect(await questions(elsie)).toBeGreaterThan(0);
  });
}

testAnswersOf('partial_state_news');
