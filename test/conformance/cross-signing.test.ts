import { generateKeyPairSync } from 'node:crypto';
import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { withPassword } from './lib/interactive-auth.ts';
import { publicKeyOf, signed } from './lib/keys.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

/** A master key with the two keys that it signs. */
function newIdentity(user: User): Record<string, unknown> {
  const master = generateKeyPairSync('ed25519');
  const masterKey = publicKeyOf(master.publicKey);
  const key = (usage: string) => {
    const publicKey = publicKeyOf(generateKeyPairSync('ed25519').publicKey);
    const object = { user_id: user.userId, usage: [usage], keys: { [`ed25519:${publicKey}`]: publicKey } };
    return signed(object, user.userId, `ed25519:${masterKey}`, master.privateKey);
  };
  return {
    master_key: { user_id: user.userId, usage: ['master'], keys: { [`ed25519:${masterKey}`]: masterKey } },
    self_signing_key: key('self_signing'),
    user_signing_key: key('user_signing'),
  };
}

const path = '/v3/keys/device_signing/upload';

test('TestMSC3967', async () => {
  const user = await newUser();
  const identity = newIdentity(user);
  // Nobody has to prove anything for the first identity, nor for the same once more.
  expect(await user.refusal('POST', path, identity)).toEqual([200, undefined]);
  expect(await user.refusal('POST', path, identity)).toEqual([200, undefined]);
  const other = newIdentity(user);
  const asked = await user.call('POST', path, other);
  expect(asked.status).toBe(401);
  expect(asked.body).toMatchObject({ flows: expect.any(Array), session: expect.any(String) });
  expect((await withPassword(user, 'POST', path, other, { password: 'wrong' })).status).toBe(401);
  expect((await withPassword(user, 'POST', path, other)).status).toBe(200);
  const { master_keys: keys } = await user.ok<{ master_keys: Record<string, { keys: object }> }>(
    'POST',
    '/v3/keys/query',
    { device_keys: { [user.userId]: [] } },
  );
  expect(keys[user.userId]?.keys).toEqual((other.master_key as { keys: object }).keys);
});

describe('TestPollsLocalPushRules', () => {
  test('Polls push rules are correctly presented to the client', async () => {
    const user = await newUser();
    const { global } = await user.ok<{ global: Record<string, { rule_id: string; actions: unknown[] }[]> }>(
      'GET',
      '/v3/pushrules/',
    );
    const prefix = '.org.matrix.msc3930.rule.';
    const ofPolls = (kind: string) =>
      (global[kind] ?? [])
        .filter((rule) => rule.rule_id.startsWith(prefix))
        .map((rule) => rule.rule_id.slice(prefix.length));
    if (ofPolls('override').length + ofPolls('underride').length === 0) skip('there are no rules for polls');
    expect(ofPolls('override')).toEqual(['poll_response']);
    expect(new Set(ofPolls('underride'))).toEqual(
      new Set(['poll_start_one_to_one', 'poll_start', 'poll_end_one_to_one', 'poll_end']),
    );
    const response = global.override?.find((rule) => rule.rule_id === `${prefix}poll_response`);
    expect(response?.actions).toEqual([]);
  });
});

testAnswersOf('msc3967 and msc3930');
