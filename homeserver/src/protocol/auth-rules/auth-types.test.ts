import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import { outcome, testRoom } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { checkAuthEvents } from './auth-events.ts';
import { authTypesFor } from './auth-types.ts';

const alice = '@alice:one';
const bob = '@bob:two';

describe.each(allVersions)('room version $id', (version) => {
  const room = testRoom(version);
  const create = version.roomIds === 'domain' ? [['m.room.create', '']] : [];
  const powerLevels = ['m.room.power_levels', ''];
  const joinRules = ['m.room.join_rules', ''];
  const member = (userId: string) => ['m.room.member', userId];
  const typesOf = (type: string, stateKey?: string, content: JsonObject = {}) =>
    authTypesFor(
      room.event({
        type,
        sender: alice,
        content,
        ...(stateKey === undefined ? {} : { state_key: stateKey }),
      }),
      version,
    );

  test('selection', () => {
    const always = [...create, powerLevels, member(alice)];
    expect(authTypesFor(room.create, version)).toEqual([]);
    expect(typesOf('m.room.message')).toEqual(always);
    expect(typesOf('m.room.topic', '')).toEqual(always);
    expect(typesOf('m.room.member', alice, { membership: 'join' })).toEqual([...always, joinRules]);
    expect(typesOf('m.room.member', bob, { membership: 'ban' })).toEqual([...always, member(bob)]);
    expect(typesOf('m.room.member', bob, { membership: 'leave' })).toEqual([...always, member(bob)]);
    expect(typesOf('m.room.member', alice, { membership: 'knock' })).toEqual([...always, joinRules]);
    expect(typesOf('m.room.member', bob, { membership: 'invite' })).toEqual([
      ...always,
      member(bob),
      joinRules,
    ]);
    expect(
      typesOf('m.room.member', bob, { membership: 'invite', third_party_invite: { signed: { token: 't' } } }),
    ).toEqual([...always, member(bob), joinRules, ['m.room.third_party_invite', 't']]);
    expect(
      typesOf('m.room.member', bob, { membership: 'invite', third_party_invite: { signed: {} } }),
    ).toEqual([...always, member(bob), joinRules]);
    const restricted = { membership: 'join', join_authorised_via_users_server: bob };
    const via = version.restrictedJoins ? [member(bob)] : [];
    expect(typesOf('m.room.member', alice, restricted)).toEqual([...always, joinRules, ...via]);
    expect(
      typesOf('m.room.member', alice, { membership: 'join', join_authorised_via_users_server: alice }),
    ).toEqual([...always, joinRules]);
  });

  test.each(['join', 'invite', 'leave', 'ban', 'knock', 'other'])('selection for %s', (membership) => {
    const always = [...create, powerLevels, member(alice)];
    const rules = ['join', 'invite', 'knock'].includes(membership) ? [joinRules] : [];
    const offer = membership === 'invite' ? [['m.room.third_party_invite', 't']] : [];
    const via = membership === 'join' && version.restrictedJoins ? [member('@carol:three')] : [];
    const content = {
      membership,
      third_party_invite: { signed: { token: 't' } },
      join_authorised_via_users_server: '@carol:three',
    };
    expect(typesOf('m.room.member', alice, { membership })).toEqual([...always, ...rules]);
    expect(typesOf('m.room.member', bob, { membership })).toEqual([...always, member(bob), ...rules]);
    expect(typesOf('m.room.member', bob, content)).toEqual([
      ...always,
      member(bob),
      ...rules,
      ...offer,
      ...via,
    ]);
    // Nobody is named twice, and what is no member event or malformed names nothing more.
    const again = { ...content, join_authorised_via_users_server: bob };
    expect(typesOf('m.room.member', bob, again)).toEqual([...always, member(bob), ...rules, ...offer]);
    expect(typesOf('m.room.topic', '', content)).toEqual(always);
    for (const wrong of [5, null, [], { signed: 't' }, { signed: { token: 5 } }]) {
      const malformed = { membership, third_party_invite: wrong, join_authorised_via_users_server: 5 };
      expect(typesOf('m.room.member', bob, malformed)).toEqual([...always, member(bob), ...rules]);
    }
  });

  describe('rule 3', () => {
    const message = room.event({ type: 'm.room.message', sender: alice });
    const named = (pdu: Pdu, rejected = false) => ({ pdu, rejected });
    const first = version.roomIds === 'domain' ? [named(room.create)] : [];
    const member = named(room.member(alice, 'join'));
    const check = (...events: { pdu: Pdu; rejected: boolean }[]) =>
      outcome(checkAuthEvents(message, events, version));

    test('allowed', () => {
      expect(check(...first, member, named(room.powerLevels({})))).toBe('allowed');
      expect(outcome(checkAuthEvents(room.create, [], version))).toBe('allowed');
    });
    test('3.1 twice the same', () => expect(check(...first, member, member)).toBe('3.1'));
    test('3.2 not selected', () => {
      expect(check(...first, member, named(room.member(bob, 'join')))).toBe('3.2');
      expect(check(...first, member, named(room.joinRule('public')))).toBe('3.2');
      expect(check(...first, member, named(message))).toBe('3.2');
      if (version.roomIds === 'createHash') expect(check(named(room.create), member)).toBe('3.2');
    });
    test('3.3 rejected', () => {
      expect(check(...first, named(room.member(alice, 'join'), true))).toBe('3.3');
    });
    test('3.4 the create event', () => {
      expect(check(member)).toBe(version.roomIds === 'domain' ? '3.4' : 'allowed');
    });
    test('3.5 another room', () => {
      const elsewhere = { ...room.member(alice, 'join'), room_id: '!other:one' } as Pdu;
      expect(check(...first, named(elsewhere))).toBe('3.5');
    });
  });
});
