import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import { creator, outcome, reference, referenceToCreate, testRoom } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { authorize } from './authorize.ts';

const moderator = '@moderator:one';
const alice = '@alice:one';
const bob = '@bob:two';
const memberships = ['none', 'join', 'invite', 'knock', 'leave', 'ban'];

describe.each(allVersions)('members, room version $id', (version) => {
  const number = Number(version.id);
  const room = testRoom(version);
  const levels = room.powerLevels({
    users: { ...(number < 12 ? { [creator]: 100 } : {}), [moderator]: 50 },
    invite: 50,
    kick: 50,
    ban: 50,
  });
  const members = [creator, moderator, alice].map((userId) => room.member(userId, 'join'));

  /** @param current the target's membership before the event */
  function verdict(
    sender: string,
    target: string,
    content: JsonObject,
    { current = 'none', state = [], fields = {} }: { current?: string; state?: Pdu[]; fields?: object } = {},
  ): string {
    const own = current === 'none' ? [] : [room.member(target, current)];
    const event = room.event({ type: 'm.room.member', sender, state_key: target, content, ...fields });
    return outcome(authorize(event, room.state(levels, ...members, ...state, ...own), version));
  }

  test('5.1 state key and membership', () => {
    expect(verdict(bob, bob, {})).toBe('5.1');
    expect(verdict(bob, bob, { membership: 'join' }, { fields: { state_key: undefined } })).toBe('5.1');
  });

  test('5.8 unknown membership', () => {
    expect(verdict(bob, bob, { membership: 'other' })).toBe('5.8');
    expect(verdict(bob, bob, { membership: 5 })).toBe('5.8');
  });

  describe('5.3 join', () => {
    const join = { membership: 'join' };

    test('5.3.1 the creator is the first to join', () => {
      const first = { prev_events: [referenceToCreate(room)] };
      const joins = (userId: string, fields: object) =>
        outcome(
          authorize(
            room.event({
              type: 'm.room.member',
              sender: userId,
              state_key: userId,
              content: join,
              ...fields,
            }),
            room.state(),
            version,
          ),
        );
      expect(joins(creator, first)).toBe('allowed');
      expect(joins(bob, first)).toBe('5.3.4');
      expect(joins(creator, { prev_events: [reference('other', version)] })).toBe('5.3.4');
      const two = [referenceToCreate(room), reference('other', version)];
      expect(joins(creator, { prev_events: two })).toBe('5.3.4');
      expect(joins(creator, { prev_events: [] })).toBe('5.3.4');
    });

    test('5.3.1 which creator', () => {
      const named = testRoom(version, number < 11 ? { creator: bob } : { additional_creators: [bob] });
      const event = (userId: string) =>
        named.event({
          type: 'm.room.member',
          sender: userId,
          state_key: userId,
          content: join,
          prev_events: [referenceToCreate(named)],
        });
      const joins = (userId: string) => outcome(authorize(event(userId), named.state(), version));
      expect(joins(bob)).toBe(number < 11 ? 'allowed' : '5.3.4');
      expect(joins(creator)).toBe(number < 11 ? '5.3.4' : 'allowed');
    });

    test('5.3.2 nobody joins for another', () => {
      expect(verdict(moderator, bob, join, { state: [room.joinRule('public')] })).toBe('5.3.2');
    });

    // By join rule: who may join without help, and what the others hear.
    const rules: [string, string[], string][] = [
      ['public', ['none', 'join', 'invite', 'knock', 'leave'], ''],
      ['invite', ['join', 'invite'], '5.3.4'],
      ['knock', number >= 7 ? ['join', 'invite'] : [], number >= 7 ? '5.3.4' : '5.3.7'],
      ['restricted', number >= 8 ? ['join', 'invite'] : [], number >= 8 ? '5.3.5.2' : '5.3.7'],
      ['knock_restricted', number >= 10 ? ['join', 'invite'] : [], number >= 10 ? '5.3.5.2' : '5.3.7'],
      ['private', [], '5.3.7'],
      ['unheard', [], '5.3.7'],
    ];
    test.each(rules)('join rule %s', (joinRule, mayJoin, otherwise) => {
      for (const current of memberships) {
        const expected = current === 'ban' ? '5.3.3' : mayJoin.includes(current) ? 'allowed' : otherwise;
        expect(verdict(bob, bob, join, { current, state: [room.joinRule(joinRule)] }), current).toBe(
          expected,
        );
      }
    });

    test('without a join rule: invite', () => {
      expect(verdict(bob, bob, join, { current: 'leave' })).toBe('5.3.4');
      expect(verdict(bob, bob, join, { current: 'invite' })).toBe('allowed');
    });

    test.each<[string, unknown, boolean]>([
      ['one who may invite', moderator, true],
      ['the creator', creator, true],
      ['one who may not', alice, false],
      ['one who is not in the room', '@gone:one', false],
      ['nobody', undefined, false],
      ['nonsense', 5, false],
    ])('5.3.5.2 authorised by %s', (_, via, isAuthorised) => {
      for (const joinRule of ['restricted', 'knock_restricted']) {
        const isKnown = joinRule === 'restricted' ? number >= 8 : number >= 10;
        const content = { ...join, join_authorised_via_users_server: via as string };
        const expected = isKnown ? (isAuthorised ? 'allowed' : '5.3.5.2') : '5.3.7';
        expect(verdict(bob, bob, content, { state: [room.joinRule(joinRule)] })).toBe(expected);
      }
    });
  });

  describe('5.4 invite', () => {
    const invite = { membership: 'invite' };
    test('5.4.2 by members only', () => expect(verdict(bob, '@c:two', invite)).toBe('5.4.2'));
    test('5.4.3 and 5.4.4 by those who may', () => {
      for (const current of memberships) {
        const expected = current === 'join' || current === 'ban' ? '5.4.3' : 'allowed';
        expect(verdict(moderator, bob, invite, { current }), current).toBe(expected);
      }
    });
    test('5.4.5 not by others', () => expect(verdict(alice, bob, invite)).toBe('5.4.5'));
    test('the default level lets every member invite', () => {
      const open = room.powerLevels({});
      expect(verdict(alice, bob, invite, { state: [open] })).toBe('allowed');
    });
  });

  describe('5.5 leave', () => {
    const leave = { membership: 'leave' };
    test('5.5.1 oneself', () => {
      const mayLeave = ['join', 'invite', ...(number >= 7 ? ['knock'] : [])];
      for (const current of memberships) {
        expect(verdict(bob, bob, leave, { current }), current).toBe(
          mayLeave.includes(current) ? 'allowed' : '5.5.1',
        );
      }
    });
    test('5.5.2 kicks by members only', () => {
      expect(verdict(bob, alice, leave)).toBe('5.5.2');
    });
    test('5.5.3 unban needs the ban level, too', () => {
      const strict = room.powerLevels({ users: { [moderator]: 50 }, ban: 60, kick: 50 });
      expect(verdict(moderator, bob, leave, { current: 'ban', state: [strict] })).toBe('5.5.3');
      expect(verdict(moderator, bob, leave, { current: 'ban' })).toBe('allowed');
      const strictKick = room.powerLevels({ users: { [moderator]: 50 }, ban: 50, kick: 60 });
      expect(verdict(moderator, bob, leave, { current: 'ban', state: [strictKick] })).toBe('5.5.5');
    });
    test('5.5.4 and 5.5.5', () => {
      expect(verdict(moderator, bob, leave, { current: 'join' })).toBe('allowed');
      expect(verdict(moderator, bob, leave, { current: 'invite' })).toBe('allowed');
      expect(verdict(alice, bob, leave, { current: 'join' })).toBe('5.5.5');
      expect(verdict(moderator, creator, leave, { current: 'join' })).toBe('5.5.5');
      const peer = room.powerLevels({ users: { [moderator]: 50, [bob]: 50 } });
      expect(verdict(moderator, bob, leave, { current: 'join', state: [peer] })).toBe('5.5.5');
    });
  });

  describe('5.6 ban', () => {
    const ban = { membership: 'ban' };
    test('5.6.1 by members only', () => expect(verdict(bob, alice, ban)).toBe('5.6.1'));
    test('5.6.2 anybody below, in the room or not', () => {
      for (const current of memberships) {
        expect(verdict(moderator, bob, ban, { current }), current).toBe('allowed');
      }
    });
    test('5.6.3', () => {
      expect(verdict(alice, bob, ban)).toBe('5.6.3');
      expect(verdict(moderator, creator, ban, { current: 'join' })).toBe('5.6.3');
      expect(verdict(moderator, moderator, ban, { current: 'join' })).toBe('5.6.3');
    });
  });

  describe('5.7 knock', () => {
    const knock = { membership: 'knock' };
    test.each([
      ['knock', 7],
      ['knock_restricted', 10],
      ['public', 99],
      ['invite', 99],
      ['restricted', 99],
    ])('join rule %s', (joinRule, since) => {
      const state = [room.joinRule(joinRule)];
      for (const current of memberships) {
        const isFree = current === 'none' || current === 'leave' || current === 'knock';
        const expected = number < 7 ? '5.8' : number < since ? '5.7.1' : isFree ? 'allowed' : '5.7.4';
        expect(verdict(bob, bob, knock, { current, state }), current).toBe(expected);
      }
    });
    test('5.7.2 nobody knocks for another', () => {
      expect(verdict(moderator, bob, knock, { state: [room.joinRule('knock')] })).toBe(
        number < 7 ? '5.8' : '5.7.2',
      );
    });
  });
});

describe('creators of room version 12', () => {
  const version = allVersions.at(-1);
  if (!version) throw new Error('no room versions');
  const room = testRoom(version, { additional_creators: [alice] });
  const state = (levels: JsonObject) =>
    room.state(
      room.powerLevels(levels),
      ...[creator, alice, moderator].map((userId) => room.member(userId, 'join')),
    );
  const kick = (sender: string, target: string, levels: JsonObject = {}) =>
    outcome(
      authorize(
        room.event({ type: 'm.room.member', sender, state_key: target, content: { membership: 'leave' } }),
        state(levels),
        version,
      ),
    );

  test('remove anybody, whatever the levels', () => {
    const levels = { users: { [moderator]: 2 ** 53 - 1 }, kick: 2 ** 53 - 1 };
    expect(kick(creator, moderator, levels)).toBe('allowed');
    expect(kick(alice, moderator, levels)).toBe('allowed');
  });

  test('cannot be removed, also not by each other', () => {
    expect(kick(moderator, alice, { users: { [moderator]: 2 ** 53 - 1 } })).toBe('5.5.5');
    expect(kick(alice, creator)).toBe('5.5.5');
    expect(kick(creator, alice)).toBe('5.5.5');
  });
});
