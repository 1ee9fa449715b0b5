import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../../matrix/json.ts';
import { ed25519PublicKey, encodeBase64 } from '../crypto.ts';
import { signJson } from '../signatures.ts';
import { creator, outcome, testRoom } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { authorize } from './authorize.ts';

const bob = '@bob:two';
const seed = new Uint8Array(32).fill(7);
const publicKey = encodeBase64(ed25519PublicKey(seed));
const otherKey = encodeBase64(ed25519PublicKey(new Uint8Array(32).fill(8)));
const sign = (object: JsonObject, keyId = 'ed25519:0') => signJson(object, 'id.server', { keyId, seed });
const signed = sign({ mxid: bob, token: 'token' });

describe.each(allVersions)('third-party invites, room version $id', (version) => {
  const room = testRoom(version);

  function verdict(
    invite: JsonValue,
    { offer = { public_key: publicKey }, token = 'token', offeredBy = creator, banned = false } = {} as {
      offer?: JsonObject;
      token?: string;
      offeredBy?: string;
      banned?: boolean;
    },
  ): string {
    const event = room.event({
      type: 'm.room.member',
      sender: creator,
      state_key: bob,
      content: { membership: 'invite', third_party_invite: invite },
    });
    const state = room.state(
      room.event({ type: 'm.room.third_party_invite', sender: offeredBy, state_key: token, content: offer }),
      ...(banned ? [room.member(bob, 'ban')] : []),
    );
    return outcome(authorize(event, state, version));
  }

  test.each<[string, JsonValue, Parameters<typeof verdict>[1], string]>([
    ['5.4.1.7 signed by the key of the offer', { signed }, {}, 'allowed'],
    [
      '5.4.1.7 by one of its keys',
      { signed },
      { offer: { public_keys: [{ public_key: otherKey }, { public_key: publicKey }] } },
      'allowed',
    ],
    ['5.4.1.1', { signed }, { banned: true }, '5.4.1.1'],
    ['5.4.1.2 not signed', { display_name: 'b' }, {}, '5.4.1.2'],
    ['5.4.1.2 no object', 'b', {}, '5.4.1.2'],
    ['5.4.1.3 no token', { signed: sign({ mxid: bob }) }, {}, '5.4.1.3'],
    ['5.4.1.3 no mxid', { signed: sign({ token: 'token' }) }, {}, '5.4.1.3'],
    ['5.4.1.4 another user', { signed: sign({ mxid: '@c:two', token: 'token' }) }, {}, '5.4.1.4'],
    ['5.4.1.5 no offer', { signed }, { token: 'other' }, '5.4.1.5'],
    ['5.4.1.6 offered by another', { signed }, { offeredBy: '@c:one' }, '5.4.1.6'],
    ['5.4.1.8 another key', { signed }, { offer: { public_key: otherKey } }, '5.4.1.8'],
    ['5.4.1.8 no key', { signed }, { offer: {} }, '5.4.1.8'],
    ['5.4.1.8 no signature', { signed: { mxid: bob, token: 'token' } }, {}, '5.4.1.8'],
    ['5.4.1.8 altered', { signed: { ...signed, more: 1 } }, {}, '5.4.1.8'],
    [
      '5.4.1.8 other algorithm',
      { signed: sign({ mxid: bob, token: 'token' }, 'curve25519:0') },
      {},
      '5.4.1.8',
    ],
    [
      '5.4.1.8 malformed keys',
      { signed },
      { offer: { public_key: 5, public_keys: [5, { public_key: '!' }, {}] } },
      '5.4.1.8',
    ],
  ])('%s', (_, invite, options, expected) => expect(verdict(invite, options)).toBe(expected));

  test('the inviter need not be in the room', () => expect(verdict({ signed })).toBe('allowed'));
});
