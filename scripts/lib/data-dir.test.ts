import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ed25519PublicKey, encodeBase64 } from '../../homeserver/src/protocol/crypto.ts';
import { openDataDir, rotateSigningKey } from './data-dir.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'roost-data-dir-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const publicKeyOf = (signingKey: string) =>
  encodeBase64(ed25519PublicKey(Buffer.from(signingKey.split(' ')[2] ?? '', 'base64')));

test('a server keeps its name and secrets, which are nobody else’s to read', () => {
  const identity = openDataDir(dir, 'one.test');
  expect(openDataDir(dir, undefined)).toEqual(identity);
  expect(() => openDataDir(dir, 'two.test')).toThrow('belongs to the server one.test');
  expect(statSync(path.join(dir, 'identity.json')).mode & 0o777).toBe(0o600);
});

test('a new key to sign by leaves all the old ones published', () => {
  const first = openDataDir(dir, 'one.test');
  const { oldKeyId, newKeyId } = rotateSigningKey(dir, 1_000);
  const second = openDataDir(dir, 'one.test');
  expect(second).toEqual({
    ...first,
    signingKey: expect.stringMatching(
      new RegExp(`^ed25519 ${newKeyId.replace('ed25519:', '')} [A-Za-z0-9+/]{43}$`),
    ),
    oldSigningKeys: { [oldKeyId]: { key: publicKeyOf(first.signingKey), expired_ts: 1_000 } },
  });
  expect(second.signingKey).not.toBe(first.signingKey);
  rotateSigningKey(dir, 2_000);
  expect(openDataDir(dir, 'one.test').oldSigningKeys).toEqual({
    ...second.oldSigningKeys,
    [newKeyId]: { key: publicKeyOf(second.signingKey), expired_ts: 2_000 },
  });
});

test('a folder of a server from before keys were rotated is read; one without a server has no key', () => {
  const { oldSigningKeys: _, ...before } = openDataDir(dir, 'one.test');
  writeFileSync(path.join(dir, 'identity.json'), JSON.stringify(before));
  expect(openDataDir(dir, 'one.test')).toEqual({ ...before, oldSigningKeys: {} });
  rmSync(path.join(dir, 'identity.json'));
  expect(() => rotateSigningKey(dir, 1)).toThrow('there is no server');
  expect(() => readFileSync(path.join(dir, 'identity.json'))).toThrow();
});
