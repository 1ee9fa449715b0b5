import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { newDeviceKeys, newOneTimeKeys, uploadDeviceKeys } from './lib/keys.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

type Keys = Record<string, Record<string, Record<string, unknown>>>;

async function query(asker: User, user: User, devices: string[] = []): Promise<Keys> {
  const answer = await asker.ok<{ device_keys: Keys }>('POST', '/v3/keys/query', {
    device_keys: { [user.userId]: devices },
  });
  return answer.device_keys;
}

/** @returns the id of the key that was given out, or undefined */
async function claim(asker: User, user: User): Promise<string | undefined> {
  const answer = await asker.ok<{ one_time_keys: Keys }>('POST', '/v3/keys/claim', {
    one_time_keys: { [user.userId]: { [user.deviceId]: 'signed_curve25519' } },
  });
  return Object.keys(answer.one_time_keys[user.userId]?.[user.deviceId] ?? {})[0];
}

describe('TestUploadKey', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const keys = newDeviceKeys(alice);
    const answer = await alice.ok<{ one_time_key_counts: Record<string, number> }>(
      'POST',
      '/v3/keys/upload',
      {
        device_keys: keys.deviceKeys,
        one_time_keys: newOneTimeKeys(alice, keys, ['AAAAAA', 'AAAAAB']),
      },
    );
    return { alice, bob, keys, counts: answer.one_time_key_counts };
  });

  test('Can upload device keys', async () => {
    expect((await setting()).counts).toMatchObject({ signed_curve25519: 2 });
  });

  test('Rejects invalid device keys', async () => {
    const user = await newUser();
    const [status] = await user.refusal('POST', '/v3/keys/upload', { device_keys: { algorithms: 'none' } });
    expect(status).toBe(400);
  });

  test('Should reject keys claiming to belong to a different user', async () => {
    const { bob } = await setting();
    const user = await newUser();
    const { deviceKeys } = newDeviceKeys(user);
    const [status] = await user.refusal('POST', '/v3/keys/upload', {
      device_keys: { ...deviceKeys, user_id: bob.userId },
    });
    expect(status).toBe(400);
  });

  test('query for user with no keys returns empty key dict', async () => {
    const { alice } = await setting();
    const user = await newUser();
    expect(Object.keys((await query(alice, user))[user.userId] ?? {})).toEqual([]);
  });

  test('Can query device keys using POST', async () => {
    const { alice, bob, keys } = await setting();
    const found = (await query(bob, alice))[alice.userId]?.[alice.deviceId];
    expect(found).toMatchObject(keys.deviceKeys);
  });

  test('Can query specific device keys using POST', async () => {
    const { alice, bob, keys } = await setting();
    const found = (await query(bob, alice, [alice.deviceId]))[alice.userId];
    expect(found?.[alice.deviceId]).toMatchObject(keys.deviceKeys);
    expect((await query(bob, alice, ['UNKNOWN']))[alice.userId] ?? {}).toEqual({});
  });

  test('Can claim one time key using POST', async () => {
    const { alice, bob } = await setting();
    expect(await claim(bob, alice)).toMatch(/^signed_curve25519:AAAAA[AB]$/);
  });
});

test('TestKeyClaimOrdering', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const keys = newDeviceKeys(alice);
  const names = ['zzz', 'mmm', 'aaa', 'bbb'];
  await alice.ok('POST', '/v3/keys/upload', { device_keys: keys.deviceKeys });
  for (const name of names) {
    await alice.ok('POST', '/v3/keys/upload', { one_time_keys: newOneTimeKeys(alice, keys, [name]) });
  }
  const claimed: (string | undefined)[] = [];
  for (const _ of names) claimed.push(await claim(bob, alice));
  expect(claimed).toEqual(names.map((name) => `signed_curve25519:${name}`));
  expect(await claim(bob, alice)).toBeUndefined();
});

test('TestUploadKeyIdempotency', async () => {
  const user = await newUser();
  const keys = await uploadDeviceKeys(user);
  const oneTimeKeys = newOneTimeKeys(user, keys, ['A', 'B']);
  for (let i = 0; i < 2; i++) {
    expect(await user.ok('POST', '/v3/keys/upload', { one_time_keys: oneTimeKeys })).toMatchObject({
      one_time_key_counts: { signed_curve25519: 2 },
    });
  }
});

test('TestUploadKeyIdempotencyOverlap', async () => {
  const user = await newUser();
  const keys = await uploadDeviceKeys(user);
  const oneTimeKeys = newOneTimeKeys(user, keys, ['A', 'B', 'C']);
  const only = (...names: string[]) =>
    Object.fromEntries(Object.entries(oneTimeKeys).filter(([id]) => names.includes(id.slice(-1))));
  await user.ok('POST', '/v3/keys/upload', { one_time_keys: only('A', 'B') });
  expect(await user.ok('POST', '/v3/keys/upload', { one_time_keys: only('B', 'C') })).toMatchObject({
    one_time_key_counts: { signed_curve25519: 3 },
  });
  // Another key under an id that is taken is refused.
  const [status] = await user.refusal('POST', '/v3/keys/upload', {
    one_time_keys: newOneTimeKeys(user, keys, ['C']),
  });
  expect(status).toBe(400);
});

test('TestKeysQueryWithDeviceIDAsObjectFails', async () => {
  const user = await newUser();
  const body = { device_keys: { [user.userId]: { device_id: user.deviceId } } };
  expect((await user.refusal('POST', '/v3/keys/query', body))[0]).toBe(400);
});

testAnswersOf('upload_keys and user_query_keys');
