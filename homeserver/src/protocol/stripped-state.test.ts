import { expect, test } from 'vitest';
import type { UserId } from '../../../matrix/identifiers.ts';
import { strip, strippedStateEvents } from './stripped-state.ts';
import { creator, testRoom } from './testing/room.ts';
import { version } from './testing/versions.ts';

const bob = '@bob:two' as UserId;

test('create event, what describes the room, and the members concerned', () => {
  const room = testRoom(version('11'));
  const described = (type: string) => room.event({ type, sender: creator, state_key: '' });
  const state = room.state(
    room.member(creator, 'join'),
    room.member(bob, 'invite'),
    room.member('@other:two', 'join'),
    room.joinRule('invite'),
    room.powerLevels({}),
    described('m.room.encryption'),
    described('m.room.name'),
    described('m.room.history_visibility'),
  );
  const shown = strippedStateEvents(state, [bob, creator as UserId, bob]);
  expect(shown.map((event) => [event.type, event.state_key])).toEqual([
    ['m.room.create', ''],
    ['m.room.join_rules', ''],
    ['m.room.name', ''],
    ['m.room.encryption', ''],
    ['m.room.member', bob],
    ['m.room.member', creator],
  ]);
  expect(shown[0]).toBe(room.create);
});

test('four members and nothing else', () => {
  const room = testRoom(version('11'));
  expect(strip(room.joinRule('knock'))).toEqual({
    type: 'm.room.join_rules',
    state_key: '',
    sender: creator,
    content: { join_rule: 'knock' },
  });
});
