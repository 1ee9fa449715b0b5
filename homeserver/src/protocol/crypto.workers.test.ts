import { expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import vectors from '../../../test/vectors/signing.json' with { type: 'json' };
import { decodeBase64, ed25519PublicKey } from './crypto.ts';
import { hashAndSign, signJson, verifyJson } from './signatures.ts';
import { version } from './testing/versions.ts';

test('the runtime that serves signs as the specification says', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
  const seed = decodeBase64(vectors.signingKeySeed) ?? new Uint8Array();
  const key = { keyId: vectors.keyId, seed };
  for (const { object, signed } of vectors.json) {
    expect(signJson<JsonObject>(object, vectors.serverName, key)).toEqual(signed);
    expect(verifyJson(signed, vectors.serverName, vectors.keyId, ed25519PublicKey(seed))).toBe(true);
    expect(
      verifyJson({ ...signed, more: 1 }, vectors.serverName, vectors.keyId, ed25519PublicKey(seed)),
    ).toBe(false);
  }
  for (const { event, signed } of vectors.events) {
    expect(hashAndSign<JsonObject>(event, version('1'), vectors.serverName, key)).toEqual(signed);
  }
});
