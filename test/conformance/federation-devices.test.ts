import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { SyncAnswer } from './lib/events.ts';
import { homeserver, ownHomeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { p } from './lib/http.ts';
import { newDeviceKeys, newOneTimeKeys, uploadDeviceKeys } from './lib/keys.ts';
import type { User } from './lib/user.ts';

/** Only rooms with encryption count for who hears of devices. */
const encryption = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
};

const isIn = (list: 'changed' | 'left', user: User) => (sync: SyncAnswer) =>
  (sync.device_lists?.[list] ?? []).includes(user.userId);

const hasMember = (roomId: string, user: User, membership: string) => (sync: SyncAnswer) => {
  const { timeline, state } = sync.rooms?.join?.[roomId] ?? {};
  return [...(state?.events ?? []), ...(timeline?.events ?? [])].some(
    (event) => event.state_key === user.userId && event.content.membership === membership,
  );
};

function encryptedRoom(user: User): Promise<string> {
  return user.createPublicRoom({ initial_state: [encryption] });
}

async function expectDevice(asker: User, user: User): Promise<void> {
  const { device_keys: keys } = await asker.ok<{ device_keys: Record<string, object> }>(
    'POST',
    '/v3/keys/query',
    { device_keys: { [user.userId]: [] } },
  );
  expect(keys[user.userId]).toHaveProperty(user.deviceId);
}

/** Alice is on a server that goes on; Bob's may be stopped. They share an encrypted room. */
const unsteady = shared(async () => {
  const [hs1, own] = await Promise.all([homeserver('hs1'), ownHomeserver()]);
  const [alice, bob] = [await hs1.newUser('alice'), await own.newUser('bob')];
  await Promise.all([uploadDeviceKeys(alice), uploadDeviceKeys(bob)]);
  const roomId = await encryptedRoom(bob);
  await alice.join(roomId, {}, [own.serverName]);
  await bob.syncUntil('that Alice is there', hasMember(roomId, alice, 'join'));
  return { own, alice, bob, roomId };
});

type Unsteady = Awaited<ReturnType<typeof unsteady>>;

/** What Bob's server is when Alice does something, and how it is back. */
const connectivities: Record<
  string,
  { away(on: Unsteady): Promise<void>; back(on: Unsteady): Promise<void> }
> = {
  'good connectivity': { away: async () => {}, back: async () => {} },
  'interrupted connectivity': { away: ({ own }) => own.pause(), back: ({ own }) => own.resume() },
  'stopped server': { away: ({ own }) => own.stop(), back: ({ own }) => own.restart() },
};

/** Bob's server goes away, something happens, it comes back and is heard of. */
async function whileAway(name: string, happens: (on: Unsteady) => Promise<void>): Promise<string> {
  const on = await unsteady();
  const since = await on.bob.now();
  await connectivities[name]?.away(on);
  try {
    await happens(on);
  } finally {
    await connectivities[name]?.back(on);
  }
  // A server that is heard of is tried again, however long the pause was to be.
  await on.bob.message(on.roomId, `back from ${name}`);
  return since;
}

describe('TestDeviceListsUpdateOverFederation', () => {
  for (const name of Object.keys(connectivities)) {
    test(name, async () => {
      const { alice, bob } = await unsteady();
      const since = await whileAway(name, async () => {
        await alice.ok('PUT', p`/v3/devices/${alice.deviceId}`, { display_name: name });
      });
      await bob.syncUntil('the change', isIn('changed', alice), { since });
      await expectDevice(bob, alice);
    });
  }
});

describe('TestToDeviceMessagesOverFederation', () => {
  for (const name of Object.keys(connectivities)) {
    test(name, async () => {
      const { bob } = await unsteady();
      const content = { my_key: `my value, ${name}` };
      const since = await whileAway(name, async ({ alice }) => {
        const path = p`/v3/sendToDevice/org.example.message/${`txn ${name}`}`;
        await alice.ok('PUT', path, { messages: { [bob.userId]: { [bob.deviceId]: content } } });
      });
      const fits = (sync: SyncAnswer) =>
        (sync.to_device?.events ?? []).some(({ content: told }) => told.my_key === content.my_key);
      await bob.syncUntil('the message', fits, { since });
    });
  }
});

test('TestDeviceListsUpdateOverFederationOnRoomJoin', async () => {
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const alice = await hs1.newUser('alice');
  await uploadDeviceKeys(alice);
  const room = server.createRoom('10', server.user('bob'));
  await alice.join(room.roomId, {}, [server.name]);
  await alice.message(room.roomId, 'Test');
  await server.edu(
    'the device',
    // Without numbers of those before it the receiver asks for the whole list, whichever device it names.
    ({ edu_type: type, content }) => type === 'm.device_list_update' && content.user_id === alice.userId,
  );
  await server.stop();
});

test('TestUserAppearsInChangedDeviceListOnJoinOverFederation', async () => {
  const [joiner, joinee] = await usersOnServers('joiner', 'joinee');
  await uploadDeviceKeys(joiner);
  const roomId = await encryptedRoom(joinee);
  const since = await joinee.now();
  await joiner.join(roomId, {}, [joinee.serverName]);
  await joinee.syncUntil('the newcomer', isIn('changed', joiner), { since });
  await expectDevice(joinee, joiner);
});

describe('TestFederationKeyUploadQuery', () => {
  const setting = shared(async () => {
    const [alice, bob] = await usersOnServers('alice', 'bob');
    const keys = newDeviceKeys(alice);
    const oneTimeKeys = newOneTimeKeys(alice, keys, ['AAAA']);
    await alice.ok('POST', '/v3/keys/upload', { device_keys: keys.deviceKeys, one_time_keys: oneTimeKeys });
    await alice.ok('PUT', p`/v3/devices/${alice.deviceId}`, { display_name: 'My telephone' });
    return { alice, bob, keys, oneTimeKeys };
  });

  test('Can claim remote one time key using POST', async () => {
    const { alice, bob, oneTimeKeys } = await setting();
    const claim = { one_time_keys: { [alice.userId]: { [alice.deviceId]: 'signed_curve25519' } } };
    const claimed = await bob.ok('POST', '/v3/keys/claim', claim);
    expect(claimed).toMatchObject({
      failures: {},
      one_time_keys: { [alice.userId]: { [alice.deviceId]: oneTimeKeys } },
    });
    const again = await bob.ok<{ one_time_keys: Record<string, object> }>('POST', '/v3/keys/claim', claim);
    expect(Object.keys(again.one_time_keys[alice.userId] ?? {})).toEqual([]);
  });

  test('Can query remote device keys using POST', async () => {
    const { alice, bob, keys } = await setting();
    const answer = await bob.ok<{ device_keys: Record<string, Record<string, object>> }>(
      'POST',
      '/v3/keys/query',
      {
        device_keys: { [alice.userId]: [] },
      },
    );
    const found = answer.device_keys[alice.userId]?.[alice.deviceId];
    expect(found).toMatchObject(keys.deviceKeys);
  });
});

describe('TestDeviceListUpdates', () => {
  /** Two users of different servers with keys, and an encrypted room of Alice's. */
  async function strangers() {
    const [alice, bob] = await usersOnServers('alice', 'bob');
    await uploadDeviceKeys(alice);
    await uploadDeviceKeys(bob);
    return { alice, bob, roomId: await encryptedRoom(alice), via: [alice.serverName] };
  }

  async function expectTracked(watcher: User, user: User, since: string): Promise<void> {
    await uploadOfNewName(user);
    await watcher.syncUntil(`a change of ${user.userId}`, isIn('changed', user), { since });
  }

  const uploadOfNewName = (user: User) =>
    user.ok('PUT', p`/v3/devices/${user.deviceId}`, { display_name: `renamed by ${user.localpart}` });

  test('when remote user joins a room', async () => {
    const { alice, bob, roomId, via } = await strangers();
    const since = await alice.now();
    await bob.join(roomId, {}, via);
    const sync = await alice.syncUntil('the newcomer', isIn('changed', bob), { since });
    await expectDevice(alice, bob);
    await expectTracked(alice, bob, sync.next_batch);
  });

  test('when joining a room with a remote user', async () => {
    const { alice, bob, roomId, via } = await strangers();
    const since = await bob.now();
    await bob.join(roomId, {}, via);
    const sync = await bob.syncUntil('the member', isIn('changed', alice), { since });
    await expectDevice(bob, alice);
    await expectTracked(bob, alice, sync.next_batch);
  });

  test('when remote user leaves a room', async () => {
    const { alice, bob, roomId, via } = await strangers();
    const before = await alice.now();
    await bob.join(roomId, {}, via);
    const { next_batch: since } = await alice.syncUntil('the newcomer', isIn('changed', bob), {
      since: before,
    });
    await bob.leave(roomId);
    await alice.syncUntil('the one who left', isIn('left', bob), { since });
  });

  test('when leaving a room with a remote user', async () => {
    const { alice, bob, roomId, via } = await strangers();
    await bob.join(roomId, {}, via);
    const since = await bob.now();
    await bob.leave(roomId);
    await bob.syncUntil('the one who stayed', isIn('left', alice), { since });
  });

  test('when remote user rejoins a room', async () => {
    const { alice, bob, roomId, via } = await strangers();
    const before = await alice.now();
    await bob.join(roomId, {}, via);
    let sync = await alice.syncUntil('the newcomer', isIn('changed', bob), { since: before });
    await bob.leave(roomId);
    sync = await alice.syncUntil('the leave', isIn('left', bob), { since: sync.next_batch });
    await bob.join(roomId, {}, via);
    sync = await alice.syncUntil('the return', isIn('changed', bob), { since: sync.next_batch });
    await expectDevice(alice, bob);
    await expectTracked(alice, bob, sync.next_batch);
  });
});

testAnswersOf('federation_device_list_update and others');
