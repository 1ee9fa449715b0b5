import { expect, test } from 'vitest';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { furnishingPowerLevels, silencedPowerLevels, upgradedPowerLevels } from './upgraded-power-levels.ts';

const alice = '@alice:roost.test' as UserId;
const bob = '@bob:roost.test' as UserId;

function version(id: string): RoomVersion {
  const found = roomVersion(id);
  if (!found) throw new Error(`no version ${id}`);
  return found;
}

const upgraded = (from: string, to: string, powerLevels: JsonObject | undefined, creators = [alice]) =>
  upgradedPowerLevels({ version: version(from), powerLevels, creators: [alice] }, version(to), creators);

test('levels of old versions become integers, and what was none is left out', () => {
  const levels = { ban: '60', kick: 50.9, redact: 'high', users: { [alice]: ' 100 ', [bob]: null } };
  expect(upgraded('1', '10', levels)).toEqual({ ban: 60, kick: 50, users: { [alice]: 100 }, events: {} });
});

test('creators without levels get the highest one there was', () => {
  expect(upgraded('12', '11', { events: { 'm.room.tombstone': 150 }, users: { [bob]: 60 } })).toMatchObject({
    users: { [alice]: 150, [bob]: 60 },
  });
  expect(upgraded('11', '11', undefined)).toEqual({ users: { [alice]: 100 }, events: {} });
  expect(upgraded('11', '11', { users: { [bob]: 100 } })).toMatchObject({ users: { [bob]: 100 } });
});

test('in version 12 a tombstone needs more than other state', () => {
  expect(upgraded('11', '12', { state_default: 50 })).toMatchObject({ events: { 'm.room.tombstone': 150 } });
  expect(upgraded('11', '12', { state_default: 200 })).toMatchObject({ events: { 'm.room.tombstone': 201 } });
  expect(upgraded('11', '12', { events: { 'm.room.tombstone': 100 } })).toMatchObject({
    events: { 'm.room.tombstone': 100 },
  });
});

test('who furnishes the room is raised above all that it holds, if that is needed', () => {
  const levels = { users: { [alice]: 100, [bob]: 50 }, events: { 'm.room.name': 70 } };
  expect(furnishingPowerLevels(levels, version('11'), alice, [])).toBe(levels);
  expect(furnishingPowerLevels(levels, version('11'), bob, [])).toMatchObject({ users: { [bob]: 70 } });
  expect(furnishingPowerLevels(levels, version('11'), bob, [alice])).toMatchObject({
    users: { [alice]: 100, [bob]: 101 },
  });
  expect(furnishingPowerLevels(levels, version('12'), bob, [alice])).toBe(levels);
});

test('in the old room speaking and inviting need more than users have', () => {
  expect(silencedPowerLevels({}, version('11'))).toMatchObject({ events_default: 50, invite: 50 });
  expect(silencedPowerLevels({ users_default: 60, invite: 99 }, version('11'))).toMatchObject({
    events_default: 61,
    invite: 99,
  });
});
