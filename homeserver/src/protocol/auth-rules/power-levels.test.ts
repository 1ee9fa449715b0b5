import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../matrix/json.ts';
import { creator, outcome, testRoom } from '../testing/room.ts';
import { allVersions } from '../testing/versions.ts';
import { authorize } from './authorize.ts';

const admin = '@admin:one';
const peer = '@peer:one';
const low = '@low:one';

describe.each(allVersions)('power levels, room version $id', (version) => {
  const number = Number(version.id);
  const room = testRoom(
    version,
    version.creatorsHaveInfinitePower ? { additional_creators: ['@second:one'] } : {},
  );
  const members = [creator, admin, peer, low].map((userId) => room.member(userId, 'join'));

  function change(before: JsonObject | undefined, after: JsonObject, sender = admin): string {
    const event = room.event({ type: 'm.room.power_levels', sender, state_key: '', content: after });
    const levels = before ? [room.powerLevels(before)] : [];
    return outcome(authorize(event, room.state(...members, ...levels), version));
  }

  describe('form', () => {
    test.each(['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'])(
      '10.1 %s',
      (name) => {
        expect(change(undefined, { [name]: 0 }, creator)).toBe('allowed');
        for (const wrong of ['50', 1.5, null, true, {}]) {
          expect(change(undefined, { [name]: wrong }, creator)).toBe(number < 10 ? 'allowed' : '10.1');
        }
      },
    );

    test.each(['events', 'notifications'])('10.2 %s', (name) => {
      expect(change(undefined, { [name]: { x: 1 } }, creator)).toBe('allowed');
      for (const wrong of [[], 5, 'x', null, { x: '1' }, { x: null }]) {
        expect(change(undefined, { [name]: wrong }, creator)).toBe(number < 10 ? 'allowed' : '10.2');
      }
    });

    test('10.3 users', () => {
      expect(change(undefined, { users: { [admin]: 1, '@Old User!:two:80': -5 } }, creator)).toBe('allowed');
      for (const wrong of [
        [],
        5,
        null,
        { nobody: 1 },
        { '@a': 1 },
        { [admin]: null },
        { [admin]: {} },
        { [admin]: 'x' },
      ]) {
        expect(change(undefined, { users: wrong as JsonObject }, creator)).toBe('10.3');
      }
      expect(change(undefined, { users: { [admin]: '1' } }, creator)).toBe(number < 10 ? 'allowed' : '10.3');
      expect(change(undefined, { users: { [admin]: 1.5 } }, creator)).toBe(number < 6 ? 'allowed' : '10.3');
    });

    test('10.4 creators have no level', () => {
      const expected = number < 12 ? 'allowed' : '10.4';
      expect(change(undefined, { users: { [creator]: 100 } }, creator)).toBe(expected);
      expect(change(undefined, { users: { '@second:one': 100 } }, creator)).toBe(expected);
    });
  });

  test('10.5 the first power levels', () => {
    expect(change(undefined, { users: { [admin]: 2 ** 53 - 1 }, ban: 1000 }, creator)).toBe('allowed');
    expect(change(undefined, {}, low)).toBe('8');
  });

  const base = { users: { [admin]: 60, [peer]: 60, [low]: 10 }, state_default: 50 };

  test.each(['users_default', 'events_default', 'ban', 'redact', 'kick', 'invite'])('10.6 %s', (name) => {
    const to = (before: object, after: object) => change({ ...base, ...before }, { ...base, ...after });
    expect(to({}, { [name]: 60 })).toBe('allowed');
    expect(to({}, { [name]: 61 })).toBe('10.6.2');
    expect(to({ [name]: 60 }, { [name]: 5 })).toBe('allowed');
    expect(to({ [name]: 60 }, {})).toBe('allowed');
    expect(to({ [name]: 70 }, { [name]: 5 })).toBe('10.6.1');
    expect(to({ [name]: 70 }, {})).toBe('10.6.1');
    expect(to({ [name]: 70 }, { [name]: 70 })).toBe('allowed');
  });

  test.each(['events', 'notifications'])('10.7 and 10.8 %s', (name) => {
    const to = (before: object, after: object) =>
      change({ ...base, [name]: before }, { ...base, [name]: after });
    const guarded = (rule: string) => (name === 'events' || number >= 6 ? rule : 'allowed');
    expect(to({}, { x: 60 })).toBe('allowed');
    expect(to({}, { x: 61 })).toBe(guarded('10.8.1'));
    expect(to({ x: 60 }, {})).toBe('allowed');
    expect(to({ x: 61 }, {})).toBe(guarded('10.7.1'));
    expect(to({ x: 61 }, { x: 5 })).toBe(guarded('10.7.1'));
    expect(to({ x: 61 }, { x: 61, y: 1 })).toBe('allowed');
    expect(to({ x: 5 }, { x: 61 })).toBe(guarded('10.8.1'));
    expect(change({ ...base, [name]: { x: 61 } }, base)).toBe(guarded('10.7.1'));
  });

  test('10.9 and 10.10 users', () => {
    // `undefined` removes an entry.
    const to = (users: JsonObject) =>
      change(base, JSON.parse(JSON.stringify({ ...base, users: { ...base.users, ...users } })));
    expect(to({ [low]: 60 })).toBe('allowed');
    expect(to({ [low]: 61 })).toBe('10.10.1');
    expect(to({ [low]: undefined })).toBe('allowed');
    expect(to({ [peer]: 5 })).toBe('10.9.1');
    expect(to({ [peer]: undefined })).toBe('10.9.1');
    expect(to({ [admin]: 5 })).toBe('allowed');
    expect(to({ [admin]: undefined })).toBe('allowed');
    expect(to({ [admin]: 61 })).toBe('10.10.1');
    expect(to({ '@new:two': 60 })).toBe('allowed');
    expect(to({ '@new:two': 61 })).toBe('10.10.1');
  });

  test('10.11 nothing changed', () => expect(change(base, base)).toBe('allowed'));

  test('a level that is written otherwise has not changed', () => {
    const written = { ...base, users: { ...base.users, [peer]: '060' } };
    if (number < 10) expect(change(base, written)).toBe('allowed');
    else expect(change(base, written)).toBe('10.3');
  });

  test('creators of version 12 may set any level', () => {
    if (number < 12) return;
    const high = { users: { [admin]: 2 ** 53 - 1 }, ban: 2 ** 53 - 1 };
    expect(change(high, { users: { [peer]: 2 ** 53 - 1 } }, creator)).toBe('allowed');
  });
});
