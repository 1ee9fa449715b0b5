import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Authenticator, type Mistakes } from '../../../../test/harness/authenticator.ts';
import { decodeCbor } from './cbor.ts';
import { challengeEnd, makeChallenge } from './challenge.ts';
import { isSignedBy, readCoseKey } from './public-key.ts';
import { relyingParty } from './relying-party.ts';
import { readAssertion, verifyAssertion, verifyRegistration } from './verify-response.ts';

const party = { id: 'roost.test', origin: 'https://roost.test' };
const creation = { challenge: 'first', rp: { id: party.id }, user: { id: 'handle' } };
const request = { challenge: 'second', rpId: party.id };

const wrong: [string, Mistakes][] = [
  ['of another site', { origin: 'https://evil.example' }],
  ['of a site below ours', { origin: 'https://roost.test.evil.example' }],
  ['of another port', { origin: 'https://roost.test:8443' }],
  ['inside a frame of another site', { crossOrigin: true }],
  ['of another kind', { type: 'payment.get' }],
  ['for another host', { rpId: 'evil.example' }],
  ['without anybody there', { withoutFlags: 0x01 }],
  ['without the owner being verified', { withoutFlags: 0x04 }],
];

describe('O7: a new passkey', () => {
  test('is read', () => {
    const device = new Authenticator(party.origin);
    expect(verifyRegistration(device.create(creation), party)).toMatchObject({
      credentialId: device.credentialId,
      key: { algorithm: -7, jwk: { kty: 'EC', crv: 'P-256' } },
      signCount: 0,
      challenge: 'first',
    });
  });

  test.each([
    ...wrong,
    ['without a key', { withoutFlags: 0x40 }],
    ['under another id', { credentialId: 'AAAA' }],
  ] as [string, Mistakes][])('%s is refused', (_, mistakes) => {
    const answer = new Authenticator(party.origin).create(creation, mistakes);
    expect(verifyRegistration(answer, party)).toBeUndefined();
  });

  test('that is cut off anywhere is refused', () => {
    const answer = JSON.parse(new Authenticator(party.origin).create(creation));
    const whole = Buffer.from(answer.response.attestationObject, 'base64url');
    for (let length = 0; length < whole.byteLength; length += 1) {
      answer.response.attestationObject = whole.subarray(0, length).toString('base64url');
      expect(verifyRegistration(JSON.stringify(answer), party)).toBeUndefined();
    }
    for (const text of ['', '{}', 'null', '[]', '{"id":1}']) {
      expect(verifyRegistration(text, party)).toBeUndefined();
    }
  });
});

describe('O7: an answer of a passkey', () => {
  const device = new Authenticator(party.origin);
  const key = verifyRegistration(device.create(creation), party)?.key;
  if (!key) throw new Error('unreachable');
  const verify = (text: string) => {
    const assertion = readAssertion(text);
    return assertion && verifyAssertion(assertion, key, party);
  };

  test('holds', () => {
    expect(verify(device.get(request))).toEqual({ challenge: 'second', signCount: 1 });
  });

  test.each(wrong)('%s is refused', (_, mistakes) => {
    expect(verify(device.get(request, mistakes))).toBeUndefined();
  });

  test('whose parts were altered, or that another passkey gave, is refused', () => {
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature']) {
      const answer = JSON.parse(device.get(request));
      const bytes = Buffer.from(answer.response[part], 'base64url');
      bytes[bytes.byteLength - 3] = (bytes[bytes.byteLength - 3] ?? 0) ^ 1;
      answer.response[part] = bytes.toString('base64url');
      expect(verify(JSON.stringify(answer)), part).toBeUndefined();
    }
    const other = new Authenticator(party.origin);
    other.create(creation);
    expect(verify(other.get(request))).toBeUndefined();
  });
});

test('keys of the other kinds verify too', () => {
  const signed = Buffer.from('signed');
  const head = (major: number, length: number) => [(major << 5) | 25, length >> 8, length & 0xff];
  const bytes = (text = '') => {
    const value = Buffer.from(text, 'base64url');
    return [...head(2, value.byteLength), ...value];
  };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
  const rsaKey = readCoseKey(
    Buffer.from([0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, ...bytes(rsaJwk.n), 0x21, ...bytes(rsaJwk.e)]),
    0,
  );
  const ed = generateKeyPairSync('ed25519');
  const edJwk = ed.publicKey.export({ format: 'jwk' });
  const edKey = readCoseKey(Buffer.from([0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, ...bytes(edJwk.x)]), 0);
  if (!rsaKey || !edKey) throw new Error('not read');
  expect(isSignedBy(rsaKey.key, signed, sign('sha256', signed, rsa.privateKey))).toBe(true);
  expect(isSignedBy(edKey.key, signed, sign(null, signed, ed.privateKey))).toBe(true);
  const otherHash = createHash('sha256').update('other').digest();
  expect(isSignedBy(rsaKey.key, otherHash, sign('sha256', signed, rsa.privateKey))).toBe(false);
  expect(readCoseKey(Buffer.from([0xa2, 1, 2, 3, 0x38, 0x22]), 0)).toBeUndefined();
});

test('CBOR that is deep, strange or cut off is refused', () => {
  for (const hex of [
    '818181818181',
    '9f01ff',
    'c001',
    'fb3ff0000000000000',
    '5a7fffffff00',
    'a2010101',
    '61ff',
  ]) {
    expect(() => decodeCbor(Buffer.from(hex, 'hex')), hex).toThrow();
  }
});

test('a challenge is for one purpose, one form and a time', () => {
  const purpose = { ceremony: 'log in', form: 'a' } as const;
  const challenge = makeChallenge(purpose, 'secret', 1000);
  const endsMs = challengeEnd(challenge, purpose, 'secret', 1000) ?? 0;
  expect(endsMs).toBeGreaterThan(1000);
  expect(challengeEnd(challenge, purpose, 'secret', endsMs)).toBeUndefined();
  expect(challengeEnd(challenge, { ...purpose, form: 'b' }, 'secret', 1000)).toBeUndefined();
  expect(challengeEnd(challenge, { ...purpose, ceremony: 'enrol' }, 'secret', 1000)).toBeUndefined();
  expect(challengeEnd(challenge, purpose, 'other', 1000)).toBeUndefined();
  expect(challengeEnd('', purpose, 'secret', 1000)).toBeUndefined();
});

test('passkeys are there where browsers allow them', () => {
  const at = (publicBaseUrl: string) => relyingParty({ publicBaseUrl } as never);
  expect(at('https://matrix.example.org')).toEqual({
    id: 'matrix.example.org',
    origin: 'https://matrix.example.org',
  });
  expect(at('http://localhost:8008')).toEqual({ id: 'localhost', origin: 'http://localhost:8008' });
  for (const url of [
    'http://example.org',
    'http://127.0.0.1:8008',
    'https://192.0.2.1',
    'https://[2001:db8::1]',
  ]) {
    expect(at(url)).toBeUndefined();
  }
});
