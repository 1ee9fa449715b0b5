import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import vectors from '../../../test/vectors/signing.json' with { type: 'json' };
import { decodeBase64, ed25519PublicKey } from './crypto.ts';
import { hasValidContentHash } from './event-hash.ts';
import type { Pdu } from './pdu.ts';
import { redactPdu } from './redaction.ts';
import { hashAndSign, requiredSigners, signJson, signPdu, verifyJson, verifyPdu } from './signatures.ts';
import { allVersions, version } from './testing/versions.ts';

const seed = decodeBase64(vectors.signingKeySeed) ?? new Uint8Array();
const key = { keyId: vectors.keyId, seed };
const publicKey = ed25519PublicKey(seed);
const { serverName, keyId } = vectors;

describe('JSON', () => {
  test.each(vectors.json)('specification: $object', ({ object, signed }) => {
    expect(signJson<JsonObject>(object, serverName, key)).toEqual(signed);
    expect(verifyJson(signed, serverName, keyId, publicKey)).toBe(true);
  });

  test('unsigned is not signed, other signatures stay', () => {
    const first = signJson<JsonObject>({ a: 1, unsigned: { b: 2 } }, 'other', key);
    const both = signJson({ ...first, unsigned: { b: 3 } }, serverName, key);
    expect(Object.keys(both.signatures)).toEqual(['other', serverName]);
    expect(verifyJson(both, 'other', keyId, publicKey)).toBe(true);
    expect(verifyJson(both, serverName, keyId, publicKey)).toBe(true);
  });

  test.each<[string, JsonObject]>([
    ['another value', { one: 2, two: 'Two', signatures: vectors.json[1]?.signed.signatures ?? {} }],
    ['no signatures', { one: 1, two: 'Two' }],
    ['a signature that is no text', { signatures: { domain: { 'ed25519:1': 5 } } }],
    ['a signature that is no base64', { signatures: { domain: { 'ed25519:1': '!' } } }],
    ['a signature of the wrong length', { signatures: { domain: { 'ed25519:1': 'AAAA' } } }],
    ['a float', { one: 1.5, signatures: vectors.json[0]?.signed.signatures ?? {} }],
  ])('does not verify %s', (_, object) => {
    expect(verifyJson(object, serverName, keyId, publicKey)).toBe(false);
  });

  test('does not take inherited members for signatures', () => {
    expect(verifyJson({ signatures: {} }, 'constructor', 'name', publicKey)).toBe(false);
  });
});

describe('events', () => {
  test.each(vectors.events)('specification: $event.type', ({ event, signed }) => {
    expect(hashAndSign<JsonObject>(event, version('1'), serverName, key)).toEqual(signed);
  });

  test('the signature survives redaction, and covers what redaction leaves', () => {
    const pdu = vectors.events[1]?.signed as unknown as Pdu;
    const verifies = (event: Pdu) => verifyPdu(event, version('1'), serverName, keyId, publicKey);
    expect(verifies(pdu)).toBe(true);
    expect(verifies(redactPdu(pdu, version('1')))).toBe(true);
    expect(verifies({ ...pdu, content: { body: 'other' } })).toBe(true);
    expect(verifies({ ...pdu, type: 'other' })).toBe(false);
    expect(hasValidContentHash(pdu, version('1'))).toBe(true);
    expect(hasValidContentHash({ ...pdu, content: { body: 'other' } }, version('1'))).toBe(false);
  });

  test('a second server adds its signature', () => {
    const pdu = vectors.events[1]?.signed as unknown as Pdu;
    const both = signPdu(pdu, version('1'), 'second', key);
    expect(both.signatures[serverName]).toEqual(pdu.signatures[serverName]);
    expect(verifyPdu(both, version('1'), 'second', keyId, publicKey)).toBe(true);
  });
});

describe('requiredSigners', () => {
  const member = (content: JsonObject) =>
    ({ type: 'm.room.member', sender: '@a:one', state_key: '@a:one', content }) as Pdu;

  test('the sender, with port', () => {
    expect(requiredSigners({ type: 'x', sender: '@a:one:8448', content: {} } as Pdu, version('10'))).toEqual([
      'one:8448',
    ]);
  });

  test('versions 1 and 2: also the server of the event id', () => {
    const pdu = { type: 'x', sender: '@a:one', event_id: '$b:two', content: {} } as Pdu;
    expect(requiredSigners(pdu, version('2'))).toEqual(['one', 'two']);
    expect(requiredSigners(pdu, version('3'))).toEqual(['one']);
  });

  test('a third-party invite needs none', () => {
    const pdu = member({ membership: 'invite', third_party_invite: { signed: {} } });
    expect(requiredSigners(pdu, version('10'))).toEqual([]);
  });

  test.each(allVersions)('room version $id: every kind of member event', (roomVersion) => {
    const signersOf = (content: JsonObject) =>
      requiredSigners({ ...member(content), event_id: '$e:one' } as Pdu, roomVersion);
    const assigned = roomVersion.eventIds === 'assigned';
    for (const membership of ['join', 'invite', 'leave', 'ban', 'knock']) {
      expect(signersOf({ membership })).toEqual(['one']);
      // The exception is for invites alone.
      expect(signersOf({ membership, third_party_invite: {} })).toEqual(
        membership === 'invite' && !assigned ? [] : ['one'],
      );
      expect(signersOf({ membership, join_authorised_via_users_server: '@b:two:8448' })).toEqual(
        roomVersion.restrictedJoins ? ['one', 'two:8448'] : ['one'],
      );
    }
    const message = { type: 'm.room.message', sender: '@a:one', event_id: '$e:one' };
    const content = { join_authorised_via_users_server: '@b:two', third_party_invite: {} };
    expect(requiredSigners({ ...message, content } as unknown as Pdu, roomVersion)).toEqual(['one']);
  });

  test('a restricted join: also the server that let the user in', () => {
    const pdu = member({ membership: 'join', join_authorised_via_users_server: '@b:two' });
    expect(requiredSigners(pdu, version('8'))).toEqual(['one', 'two']);
    expect(requiredSigners(pdu, version('7'))).toEqual(['one']);
    expect(requiredSigners(member({ join_authorised_via_users_server: 5 }), version('8'))).toEqual([
      'one',
      '',
    ]);
  });
});
