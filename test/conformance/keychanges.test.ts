import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { uploadDeviceKeys } from './lib/keys.ts';
import { logIn, newUsers } from './lib/register.ts';

describe('TestKeyChangesLocal', () => {
  test('New login should create a device_lists.changed entry', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await uploadDeviceKeys(bob);
    const since = await alice.now();
    const phone = await logIn(bob);
    await uploadDeviceKeys(phone);
    const sync = await alice.syncUntil(
      'the change',
      ({ device_lists: lists }) => (lists?.changed ?? []).includes(bob.userId),
      { since },
    );
    const changes = await alice.ok<{ changed: string[]; left: string[] }>(
      'GET',
      '/v3/keys/changes',
      undefined,
      {
        from: since,
        to: sync.next_batch,
      },
    );
    expect(changes.changed).toContain(bob.userId);
    const { device_keys: keys } = await alice.ok<{ device_keys: Record<string, object> }>(
      'POST',
      '/v3/keys/query',
      { device_keys: { [bob.userId]: [] } },
    );
    expect(keys[bob.userId]).toHaveProperty(phone.deviceId);
  });
});

testAnswersOf('keychanges');
