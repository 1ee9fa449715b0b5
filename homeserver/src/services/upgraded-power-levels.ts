import type { UserId } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import { levelIn, parseLevel } from '../protocol/power-levels.ts';
import type { RoomVersion } from '../protocol/room-versions.ts';

/** The old room, as far as it says who may do what. */
export interface FormerPowers {
  version: RoomVersion;
  powerLevels: JsonObject | undefined;
  creators: readonly UserId[];
}

const creatorLevel = 100;
/** In a room whose creators stand above all levels, ending it is theirs unless the room says otherwise. */
const tombstoneLevel = 150;
const stateDefault = 50;
const banDefault = 50;

/**
 * The power levels of the new room: those of the old one as the new version wants them. Who was a creator
 * above all levels gets the highest one where there are no such creators; the new room's creators have none
 * where there are.
 */
export function upgradedPowerLevels(
  former: FormerPowers,
  version: RoomVersion,
  newCreators: readonly UserId[],
): JsonObject {
  const levels = asIntegers(former.powerLevels ?? {}, former.version);
  const users = objectIn(levels, 'users');
  const events = objectIn(levels, 'events');
  if (version.creatorsHaveInfinitePower) {
    for (const creator of newCreators) delete users[creator];
    const stateLevel = levelIn(levels, 'state_default', version) ?? stateDefault;
    if ((levelIn(events, 'm.room.tombstone', version) ?? stateLevel) <= stateLevel) {
      events['m.room.tombstone'] = Math.max(tombstoneLevel, stateLevel + 1);
    }
  } else if (former.version.creatorsHaveInfinitePower || !former.powerLevels) {
    const top = Math.max(creatorLevel, highestLevel(levels, version));
    for (const creator of former.creators) users[creator] = top;
  }
  return { ...levels, users, events };
}

/**
 * What the upgrader needs for as long as the new room is furnished: enough for all its state and bans.
 * @returns the levels to begin with; the same object if they need not be raised
 */
export function furnishingPowerLevels(
  levels: JsonObject,
  version: RoomVersion,
  upgrader: UserId,
  banned: readonly string[],
): JsonObject {
  if (version.creatorsHaveInfinitePower) return levels;
  const users = objectIn(levels, 'users');
  const levelOf = (userId: string) =>
    levelIn(users, userId, version) ?? levelIn(levels, 'users_default', version) ?? 0;
  const aboveBanned = Math.max(...banned.map((userId) => levelOf(userId) + 1), 0);
  const needed = Math.max(stateDefault, banDefault, highestLevel(levels, version), aboveBanned);
  if (levelOf(upgrader) >= needed) return levels;
  return { ...levels, users: { ...users, [upgrader]: Math.min(needed, Number.MAX_SAFE_INTEGER) } };
}

/** Those of the old room when it is over: nobody speaks or invites who is not set above the others. */
export function silencedPowerLevels(former: JsonObject, version: RoomVersion): JsonObject {
  const levels = asIntegers(former, version);
  const silence = Math.max(50, (levelIn(levels, 'users_default', version) ?? 0) + 1);
  return {
    ...levels,
    events_default: Math.max(levelIn(levels, 'events_default', version) ?? 0, silence),
    invite: Math.max(levelIn(levels, 'invite', version) ?? 0, silence),
  };
}

/** Older versions take texts and fractions for levels; what was no level for them is left out. */
function asIntegers(levels: JsonObject, version: RoomVersion): JsonObject {
  return Object.fromEntries(
    Object.entries(levels)
      .map(([name, value]): [string, JsonValue | undefined] => [
        name,
        isJsonObject(value) ? asIntegers(value, version) : parseLevel(value, version),
      ])
      .filter(([, value]) => value !== undefined),
  );
}

function highestLevel(levels: JsonObject, version: RoomVersion): number {
  const { users: _, ...others } = levels;
  const values = Object.values(others).flatMap((value) =>
    isJsonObject(value) ? Object.values(value) : [value],
  );
  return Math.max(...values.map((value) => parseLevel(value, version) ?? 0), 0);
}

function objectIn(levels: JsonObject, name: string): JsonObject {
  const value = levels[name];
  return isJsonObject(value) ? { ...value } : {};
}
