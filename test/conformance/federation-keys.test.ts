import { createPublicKey, verify } from 'node:crypto';
import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { canonical } from './lib/keys.ts';
import { newUser } from './lib/register.ts';

interface ServerKeys {
  server_name: string;
  valid_until_ts: number;
  verify_keys: Record<string, { key: string }>;
  old_verify_keys?: Record<string, { key: string; expired_ts: number }>;
  signatures: Record<string, Record<string, string>>;
}

/** DER of an Ed25519 public key, before its 32 bytes. */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

test('TestInboundFederationKeys', async () => {
  const { serverName } = await newUser();
  const { status, body } = await call<ServerKeys>('GET', '/_matrix/key/v2/server');
  expect(status).toBe(200);
  expect(body.server_name).toBe(serverName);
  expect(body.valid_until_ts).toBeGreaterThan(Date.now());
  const { signatures, ...signedPart } = body;
  const message = Buffer.from(canonical(signedPart));
  const keys = Object.entries(body.verify_keys).filter(([id]) => id.startsWith('ed25519:'));
  expect(keys.length).toBeGreaterThan(0);
  for (const [id, { key }] of keys) {
    const signature = signatures[serverName]?.[id];
    expect(signature, id).toBeDefined();
    const der = Buffer.concat([ed25519Prefix, Buffer.from(key, 'base64')]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    expect(verify(null, message, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(true);
  }
});

testAnswersOf('federation_keys');
