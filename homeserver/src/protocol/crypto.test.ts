import { describe, expect, test } from 'vitest';
import {
  decodeBase64,
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
  encodeBase64,
  encodeBase64Url,
  sha1Hex,
  sha256,
} from './crypto.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('SHA-256 and SHA-1 (FIPS 180-4 examples)', () => {
  expect(hex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hex(sha256(new Uint8Array()))).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  expect(sha1Hex('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
});

describe('Ed25519', () => {
  // RFC 8032, section 7.1, test 2.
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
  const publicKey = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
  const message = Buffer.from('72', 'hex');
  const signature = Buffer.from(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    'hex',
  );

  test('signs and verifies', () => {
    expect(hex(ed25519PublicKey(seed))).toBe(hex(publicKey));
    expect(hex(ed25519Sign(seed, message))).toBe(hex(signature));
    expect(ed25519Verify(publicKey, message, signature)).toBe(true);
  });

  test('refuses what does not fit, without an exception', () => {
    const flipped = new Uint8Array(signature);
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    expect(ed25519Verify(publicKey, 'other', signature)).toBe(false);
    expect(ed25519Verify(publicKey, message, flipped)).toBe(false);
    expect(ed25519Verify(publicKey, message, signature.subarray(1))).toBe(false);
    expect(ed25519Verify(publicKey.subarray(1), message, signature)).toBe(false);
    expect(ed25519Verify(new Uint8Array(32).fill(255), message, signature)).toBe(false);
  });

  test('a seed has 32 bytes', () => {
    expect(() => ed25519Sign(new Uint8Array(31), 'x')).toThrow(RangeError);
  });
});

describe('base64', () => {
  const bytes = Uint8Array.from([0xfb, 0xff, 0xfe, 0x00]);
  test('unpadded, in two alphabets', () => {
    expect(encodeBase64(bytes)).toBe('+//+AA');
    expect(encodeBase64Url(bytes)).toBe('-__-AA');
  });
  test.each(['+//+AA', '-__-AA', '+//+AA==', '-__-AA=='])('reads %s', (text) => {
    expect(decodeBase64(text)).toEqual(bytes);
  });
  test.each(['+//+A', 'a b', 'a\n', 'ä', '=AAA', 'AA==='])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
  test('nothing is nothing', () => expect(decodeBase64('')).toEqual(new Uint8Array()));
});
