import { expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from './crypto.ts';
import type { Pdu } from './pdu.ts';
import {
  isExemptFromPolicy,
  namedPolicyServer,
  policyKeyId,
  policySignature,
  withPolicySignature,
} from './policy-server.ts';
import { roomVersion } from './room-versions.ts';
import { hashAndSign, signPdu } from './signatures.ts';

const version = roomVersion('11');
if (!version) throw new Error('no version 11');
const key = { keyId: policyKeyId, seed: new Uint8Array(32).fill(5) };
const publicKey = encodeBase64(ed25519PublicKey(key.seed));
const name = 'policy.test';

const pdu = hashAndSign(
  {
    type: 'm.room.message',
    sender: '@a:one',
    room_id: '!r:one',
    content: { body: 'hello' },
    prev_events: ['$p'],
    auth_events: ['$a'],
    depth: 2,
    origin_server_ts: 1,
  },
  version,
  'one',
  { keyId: 'ed25519:1', seed: new Uint8Array(32).fill(1) },
) as unknown as Pdu;

test('who is named', () => {
  expect(namedPolicyServer({ via: name, public_keys: { ed25519: publicKey } })).toEqual({ name, publicKey });
  // The example of the specification.
  const urlSafe = '6yhHGKhCiXTSEN2ksjV7kX_N6rBQZ3Xb-M7LlC6NS-s';
  expect(namedPolicyServer({ via: name, public_keys: { ed25519: urlSafe } })?.publicKey).toBe(urlSafe);
});

test.each<[string, JsonObject]>([
  ['nothing', {}],
  ['no key', { via: name }],
  ['no Ed25519 key', { via: name, public_keys: { other: publicKey } }],
  ['a key that is too short', { via: name, public_keys: { ed25519: 'AAAA' } }],
  ['a key that is no text', { via: name, public_keys: { ed25519: 5 } }],
  ['no server name', { via: 'not a server', public_keys: { ed25519: publicKey } }],
  ['no server', { public_keys: { ed25519: publicKey } }],
])('nobody is named by %s', (_, content) => {
  expect(namedPolicyServer(content)).toBeUndefined();
});

test('the state that names it is exempt, and nothing else', () => {
  expect(isExemptFromPolicy('m.room.policy', '')).toBe(true);
  expect(isExemptFromPolicy('m.room.policy', 'x')).toBe(false);
  expect(isExemptFromPolicy('m.room.policy', undefined)).toBe(false);
  expect(isExemptFromPolicy('m.room.power_levels', '')).toBe(false);
});

test('only its own signature is valid, and others are kept beside it', () => {
  const server = namedPolicyServer({ via: name, public_keys: { ed25519: publicKey } });
  if (!server) throw new Error('nobody is named');
  expect(policySignature(pdu, version, server)).toBe('missing');
  const signature = signPdu({ ...pdu }, version, name, key).signatures[name]?.[policyKeyId] ?? '';
  const signed = withPolicySignature(pdu, server, signature);
  expect(policySignature(signed, version, server)).toBe('valid');
  expect(signed.signatures.one).toEqual(pdu.signatures.one);
  expect(policySignature({ ...signed, depth: 3 }, version, server)).toBe('invalid');
  const otherKey = encodeBase64(ed25519PublicKey(new Uint8Array(32).fill(6)));
  expect(policySignature(signed, version, { ...server, publicKey: otherKey })).toBe('invalid');
  const own = { ...server, name: 'one' as typeof server.name };
  const both = withPolicySignature(pdu, own, signature);
  expect(Object.keys(both.signatures.one ?? {})).toEqual(['ed25519:1', policyKeyId]);
});
