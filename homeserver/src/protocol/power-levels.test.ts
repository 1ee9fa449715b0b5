import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../matrix/json.ts';
import {
  creatorsOf,
  namedLevel,
  notificationLevel,
  parseLevel,
  requiredPower,
  userPower,
} from './power-levels.ts';
import { creator, testRoom } from './testing/room.ts';
import { allVersions, version } from './testing/versions.ts';

const alice = '@alice:one';

describe.each(allVersions)('room version $id', (roomVersion) => {
  const number = Number(roomVersion.id);
  const room = testRoom(roomVersion, { additional_creators: [alice, 5] });
  const withLevels = (content: JsonObject) => room.state(room.powerLevels(content));

  test('creators', () => {
    expect([...creatorsOf(room.state(), roomVersion)]).toEqual(number < 12 ? [creator] : [creator, alice]);
    expect(userPower(creator, room.state(), roomVersion)).toBe(number < 12 ? 100 : Number.POSITIVE_INFINITY);
    expect(userPower(alice, room.state(), roomVersion)).toBe(number < 12 ? 0 : Number.POSITIVE_INFINITY);
    expect(userPower(creator, withLevels({}), roomVersion)).toBe(number < 12 ? 0 : Number.POSITIVE_INFINITY);
  });

  test('users', () => {
    const state = withLevels({ users: { '@b:two': 7 }, users_default: 3 });
    expect(userPower('@b:two', state, roomVersion)).toBe(7);
    expect(userPower('@c:two', state, roomVersion)).toBe(3);
    expect(userPower('constructor', withLevels({ users: {} }), roomVersion)).toBe(0);
  });

  test('defaults without and with power levels', () => {
    for (const state of [room.state(), withLevels({})]) {
      expect(requiredPower('x', true, state, roomVersion)).toBe(50);
      expect(requiredPower('x', false, state, roomVersion)).toBe(0);
      expect(namedLevel('invite', state, roomVersion)).toBe(0);
      for (const name of ['kick', 'ban', 'redact'] as const) {
        expect(namedLevel(name, state, roomVersion)).toBe(50);
      }
      expect(notificationLevel('room', state, roomVersion)).toBe(50);
    }
  });

  test('as set', () => {
    const state = withLevels({
      events: { x: 1 },
      state_default: 2,
      events_default: 3,
      invite: 4,
      kick: 5,
      ban: 6,
      redact: 7,
      notifications: { room: 8 },
    });
    expect(requiredPower('x', true, state, roomVersion)).toBe(1);
    expect(requiredPower('y', true, state, roomVersion)).toBe(2);
    expect(requiredPower('y', false, state, roomVersion)).toBe(3);
    const names = ['invite', 'kick', 'ban', 'redact'] as const;
    expect(names.map((name) => namedLevel(name, state, roomVersion))).toEqual([4, 5, 6, 7]);
    expect(notificationLevel('room', state, roomVersion)).toBe(8);
  });
});

test.each<[unknown, number | undefined, number | undefined, number | undefined]>([
  // value, in version 5, 9 and 10
  [50, 50, 50, 50],
  [-1, -1, -1, -1],
  ['50', 50, 50, undefined],
  [' \t-0050\n', -50, -50, undefined],
  ['+7', 7, 7, undefined],
  [50.9, 50, undefined, undefined],
  [-1.9, -1, undefined, undefined],
  ['5.0', undefined, undefined, undefined],
  ['1e2', undefined, undefined, undefined],
  ['', undefined, undefined, undefined],
  ['--5', undefined, undefined, undefined],
  ['0x10', undefined, undefined, undefined],
  [null, undefined, undefined, undefined],
  [true, undefined, undefined, undefined],
  [[50], undefined, undefined, undefined],
])('the level %j', (value, ...expected) => {
  const parsed = ['5', '9', '10'].map((id) => parseLevel(value as JsonObject['x'], version(id)));
  expect(parsed).toEqual(expected);
});
