import { expect, test } from 'vitest';
import { makeDeviceKeys, makeKeyPair, makeOneTimeKeys, signAs } from '../harness/signing-keys.ts';
import { type Answer, Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

test('C4, R28: 50 callers at once get each one-time key once, then the fallback key', async () => {
  const owner = await Person.register(target.url, 'c4-owner');
  const callers = await Promise.all(
    Array.from({ length: 5 }, (_, index) => Person.register(target.url, `c4-caller-${index}`)),
  );
  const pair = makeKeyPair();
  const fallback = signAs(
    { key: makeKeyPair().publicKey, fallback: true },
    owner.userId,
    pair,
    owner.deviceId,
  );
  await owner.ok('POST', '/v3/keys/upload', {
    device_keys: makeDeviceKeys(owner.userId, owner.deviceId, pair),
    one_time_keys: makeOneTimeKeys(owner.userId, owner.deviceId, pair, 40),
    fallback_keys: { 'signed_curve25519:FALLBACK': fallback },
  });
  const wanted = { one_time_keys: { [owner.userId]: { [owner.deviceId]: 'signed_curve25519' } } };
  const claims = Array.from({ length: 50 }, (_, index) =>
    callers[index % callers.length]?.call('POST', '/v3/keys/claim', wanted),
  );
  const given = (await Promise.all(claims)).map((answer) => keyIdOf(answer, owner));
  const once = given.filter((id) => id !== 'signed_curve25519:FALLBACK');
  expect(once).toHaveLength(40);
  expect(new Set(once).size).toBe(40);
  const { device_one_time_keys_count: counts, device_unused_fallback_key_types: unused } = await owner.ok(
    'GET',
    '/v3/sync?timeout=0',
  );
  expect(counts).toEqual({ signed_curve25519: 0 });
  expect(unused).toEqual([]);
});

function keyIdOf(answer: Answer | undefined, owner: Person): string | undefined {
  return Object.keys(answer?.body.one_time_keys[owner.userId]?.[owner.deviceId] ?? {})[0];
}
