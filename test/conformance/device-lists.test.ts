import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import type { SyncAnswer } from './lib/events.ts';
import { uploadDeviceKeys } from './lib/keys.ts';
import { newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function changed(user: User): (sync: SyncAnswer) => boolean {
  return (sync) => (sync.device_lists?.changed ?? []).includes(user.userId);
}

function left(user: User): (sync: SyncAnswer) => boolean {
  return (sync) => (sync.device_lists?.left ?? []).includes(user.userId);
}

/** Two users who know nothing of each other, with keys, and a room of alice's. */
async function strangers() {
  const [alice, bob] = await newUsers('alice', 'bob');
  await uploadDeviceKeys(alice);
  await uploadDeviceKeys(bob);
  return { alice, bob, roomId: await encryptedRoom(alice) };
}

/** Only encrypted rooms count (the specification on `device_lists.left`). */
function encryptedRoom(user: User): Promise<string> {
  const content = { algorithm: 'm.megolm.v1.aes-sha2' };
  const encryption = { type: 'm.room.encryption', state_key: '', content };
  return user.createPublicRoom({ initial_state: [encryption] });
}

/** The keys of a device, as anybody who asks gets them. */
async function expectKeysKnown(asker: User, user: User): Promise<void> {
  const { device_keys: keys } = await asker.ok<{ device_keys: Record<string, object> }>(
    'POST',
    '/v3/keys/query',
    {
      device_keys: { [user.userId]: [] },
    },
  );
  expect(keys[user.userId]).toHaveProperty(user.deviceId);
}

/** A new device name must be reported to who shares a room, and to nobody else. */
async function expectTracked(watcher: User, user: User, since: string): Promise<string> {
  await user.ok('PUT', `/v3/devices/${user.deviceId}`, { display_name: `renamed ${since.length}` });
  const sync = await watcher.syncUntil(`a change of ${user.userId}`, changed(user), { since });
  return sync.next_batch;
}

describe('TestDeviceListUpdates', () => {
  test('when local user joins a room', async () => {
    const { alice, bob, roomId } = await strangers();
    const since = await alice.now();
    await bob.join(roomId);
    const sync = await alice.syncUntil('the newcomer', changed(bob), { since });
    await expectKeysKnown(alice, bob);
    await expectTracked(alice, bob, sync.next_batch);
  });

  test('when joining a room with a local user', async () => {
    const { alice, bob, roomId } = await strangers();
    const since = await bob.now();
    await bob.join(roomId);
    const sync = await bob.syncUntil('the member', changed(alice), { since });
    await expectKeysKnown(bob, alice);
    await expectTracked(bob, alice, sync.next_batch);
  });

  test('when local user leaves a room', async () => {
    const { alice, bob, roomId } = await strangers();
    await bob.join(roomId);
    const since = await alice.now();
    await bob.leave(roomId);
    await alice.syncUntil('the one who left', left(bob), { since });
  });

  test('when leaving a room with a local user', async () => {
    const { alice, bob, roomId } = await strangers();
    await bob.join(roomId);
    const since = await bob.now();
    await bob.leave(roomId);
    await bob.syncUntil('the one who stayed', left(alice), { since });
  });

  test('when local user rejoins a room', async () => {
    const { alice, bob, roomId } = await strangers();
    await bob.join(roomId);
    let since = await alice.now();
    await bob.leave(roomId);
    since = (await alice.syncUntil('the leave', left(bob), { since })).next_batch;
    await bob.join(roomId);
    const sync = await alice.syncUntil('the return', changed(bob), { since });
    await expectKeysKnown(alice, bob);
    await expectTracked(alice, bob, sync.next_batch);
  });

  test('Who shares another room still is not left', async () => {
    const { alice, bob, roomId } = await strangers();
    const second = await encryptedRoom(alice);
    await bob.join(roomId);
    await bob.join(second);
    const since = await alice.now();
    await bob.leave(roomId);
    const message = await bob.message(second, 'still here');
    const syncs = await alice.syncAllUntil(
      'the message',
      (sync) => !!sync.rooms?.join?.[second]?.timeline?.events.some((event) => event.event_id === message),
      { since },
    );
    expect(syncs.some(left(bob))).toBe(false);
  });
});

testAnswersOf('device_lists');
