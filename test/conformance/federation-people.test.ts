import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { SyncAnswer } from './lib/events.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import type { User } from './lib/user.ts';

const setting = shared(async () => {
  const hs1 = await homeserver('hs1');
  return { hs1, alice: await hs1.newUser('alice') };
});

describe('TestOutboundFederationProfile', () => {
  test('Outbound federation can query profile data', async () => {
    const { alice } = await setting();
    const server = await TestServer.start();
    const userId = server.user('user');
    const profile = { displayname: 'my remote display name' };
    server.server.on('GET', '/_matrix/federation/v1/query/profile', { json: profile });
    const path = p`/v3/profile/${userId}/displayname`;
    expect(await alice.ok('GET', path)).toEqual(profile);
    const asked = await server.request('GET', '/_matrix/federation/v1/query/profile');
    const query = new URL(asked.path, 'https://test').searchParams;
    expect(query.get('user_id')).toBe(userId);
    expect(query.get('field') ?? 'displayname').toBe('displayname');
    await server.stop();
  });
});

describe('TestInboundFederationProfile', () => {
  const query = (userId: string, field: string) => p`v1/query/profile?user_id=${userId}&field=${field}`;

  test('Inbound federation can query profile data', async () => {
    const { hs1, alice } = await setting();
    const server = await TestServer.start();
    const displayname = "Alice's name";
    await alice.ok('PUT', p`/v3/profile/${alice.userId}/displayname`, { displayname });
    expect(await server.askOk(hs1, 'GET', query(alice.userId, 'displayname'))).toEqual({ displayname });
    await server.stop();
  });

  test('Non-numeric ports in server names are rejected', async () => {
    const { hs1 } = await setting();
    const server = await TestServer.start();
    const answer = await server.ask(hs1, 'GET', query('@user1:localhost:http', 'displayname'));
    expect(answer.status).toBe(400);
    await server.stop();
  });
});

/** Alice and Bob, of different servers, in a room. */
async function together(): Promise<{ alice: User; bob: User; roomId: string }> {
  const [alice, bob] = await usersOnServers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  await bob.join(roomId, {}, [alice.serverName]);
  await alice.syncUntil('Bob', (sync) => JSON.stringify(sync.rooms?.join?.[roomId]).includes(bob.userId));
  return { alice, bob, roomId };
}

test('TestRemoteTyping', async () => {
  const { alice, bob, roomId } = await together();
  const typists = (users: string[]) => (sync: SyncAnswer) =>
    (sync.rooms?.join?.[roomId]?.ephemeral?.events ?? []).some(
      ({ type, content }) =>
        type === 'm.typing' && JSON.stringify(content) === JSON.stringify({ user_ids: users }),
    );
  const since = await bob.now();
  const path = p`/v3/rooms/${roomId}/typing/${alice.userId}`;
  await alice.ok('PUT', path, { typing: true, timeout: 20_000 });
  const sync = await bob.syncUntil('that Alice types', typists([alice.userId]), { since });
  await alice.ok('PUT', path, { typing: false });
  await bob.syncUntil('that she has ended', typists([]), { since: sync.next_batch });
});

describe('TestRemotePresence', () => {
  const setPresence = (user: User, presence: string, message?: string) =>
    user.ok('PUT', p`/v3/presence/${user.userId}/status`, {
      presence,
      ...(message === undefined ? {} : { status_msg: message }),
    });

  test('Presence changes are also reported to remote room members', async () => {
    const { alice, bob } = await together();
    const since = await alice.now();
    await setPresence(bob, 'online', 'Oh look, a status');
    const fits = ({ presence }: SyncAnswer) =>
      (presence?.events ?? []).some(
        ({ sender, content }) => sender === bob.userId && content.status_msg === 'Oh look, a status',
      );
    await alice.syncUntil('the status', fits, { since });
  });

  test('Presence changes to UNAVAILABLE are reported to remote room members', async () => {
    const { alice, bob } = await together();
    const since = await alice.now();
    await setPresence(bob, 'unavailable');
    const fits = ({ presence }: SyncAnswer) =>
      (presence?.events ?? []).some(
        ({ sender, content }) => sender === bob.userId && content.presence === 'unavailable',
      );
    await alice.syncUntil('that Bob is away', fits, { since });
  });
});

test('TestThreadReceiptsInSyncMSC4102: an unthreaded receipt wins, on the other server, too', async () => {
  const { alice, bob, roomId } = await together();
  const root = await alice.message(roomId, 'Hello world!');
  const inThread = await alice.message(roomId, 'Start thread!', {
    'm.relates_to': { event_id: root, rel_type: 'm.thread' },
  });
  const path = p`/v3/rooms/${roomId}/receipt/m.read/${inThread}`;
  await alice.ok('POST', path, {});
  await alice.ok('POST', path, { thread_id: root });
  const isUnthreaded = (sync: SyncAnswer) =>
    (sync.rooms?.join?.[roomId]?.ephemeral?.events ?? []).some(({ type, content }) => {
      const read = (content[inThread] as { 'm.read'?: Record<string, { thread_id?: string }> } | undefined)?.[
        'm.read'
      ];
      const own = read?.[alice.userId];
      return type === 'm.receipt' && own !== undefined && own.thread_id === undefined;
    });
  await alice.syncUntil('the receipt', isUnthreaded);
  await bob.syncUntil('the receipt', isUnthreaded);
});

describe('TestPushRuleRoomUpgrade', () => {
  async function roomRules(user: User): Promise<string[]> {
    const { global } = await user.ok<{ global: { room: { rule_id: string }[] } }>('GET', '/v3/pushrules/');
    return global.room.map((rule) => rule.rule_id);
  }

  const upgrades: Record<string, (user: User, roomId: string) => Promise<string>> = {
    upgraded: async (user, roomId) => {
      const body = { new_version: '11' };
      const path = p`/v3/rooms/${roomId}/upgrade`;
      return (await user.ok<{ replacement_room: string }>('POST', path, body)).replacement_room;
    },
    'manually upgraded': async (user, roomId) => {
      const replacement = await user.createPublicRoom({
        room_version: '11',
        creation_content: { predecessor: { room_id: roomId } },
      });
      await user.setState(roomId, 'm.room.tombstone', { body: 'moved', replacement_room: replacement });
      return replacement;
    },
  };

  for (const [name, upgrade] of Object.entries(upgrades)) {
    test(`joining a remote ${name} room carries over existing push rules`, async () => {
      const hs2 = await homeserver('hs2');
      const { alice } = await setting();
      const bobs = [await hs2.newUser('bob'), await hs2.newUser('bob-two')];
      const roomId = await alice.createPublicRoom({ room_version: '10' });
      for (const bob of bobs) {
        await bob.join(roomId, {}, [alice.serverName]);
        await bob.ok('PUT', p`/v3/pushrules/global/room/${roomId}`, { actions: ['dont_notify'] });
      }
      // The rules of all may come as soon as one of them joins.
      const before = await Promise.all(bobs.map((bob) => bob.now()));
      const replacement = await upgrade(alice, roomId);
      for (const [index, bob] of bobs.entries()) {
        await bob.syncUntil('that the room is closed', (sync) =>
          (sync.rooms?.join?.[roomId]?.timeline?.events ?? []).some(
            ({ type }) => type === 'm.room.tombstone',
          ),
        );
        await bob.join(replacement, {}, [alice.serverName]);
        const isTold = ({ account_data: data }: SyncAnswer) =>
          (data?.events ?? []).some((event) => JSON.stringify(event).includes(replacement));
        await bob.syncUntil('the rule', isTold, { since: before[index] ?? '' });
        expect(await roomRules(bob)).toContain(replacement);
      }
    });
  }
});

testAnswersOf('federation_query_profile and others');
