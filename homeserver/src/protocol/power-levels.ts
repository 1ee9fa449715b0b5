import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import type { RoomVersion } from './room-versions.ts';

/** The part of a room's state that says who may do what; PDUs and client events both serve. */
export interface PowerState {
  get(type: string, stateKey: string): { sender: string; content: JsonObject } | undefined;
}

export type NamedLevel = 'invite' | 'kick' | 'ban' | 'redact';

/** Server-server API, "Definitions". */
const namedDefaults: Record<NamedLevel, number> = { invite: 0, kick: 50, ban: 50, redact: 50 };

const stateDefault = 50;
const eventsDefault = 0;
const notificationDefault = 50;
/** Of the creator in a room without power levels. */
const creatorPower = 100;

/** `Infinity` for the creators of a room whose version sets them above all levels. */
export function userPower(userId: string, state: PowerState, version: RoomVersion): number {
  if (version.creatorsHaveInfinitePower && creatorsOf(state, version).has(userId)) {
    return Number.POSITIVE_INFINITY;
  }
  const levels = state.get('m.room.power_levels', '')?.content;
  if (!levels) return creatorsOf(state, version).has(userId) ? creatorPower : 0;
  return levelIn(levels.users, userId, version) ?? levelIn(levels, 'users_default', version) ?? 0;
}

/** The *required power level* of an event type. */
export function requiredPower(
  eventType: string,
  isState: boolean,
  state: PowerState,
  version: RoomVersion,
): number {
  const levels = state.get('m.room.power_levels', '')?.content ?? {};
  return (
    levelIn(levels.events, eventType, version) ??
    levelIn(levels, isState ? 'state_default' : 'events_default', version) ??
    (isState ? stateDefault : eventsDefault)
  );
}

/** The *invite level*, *kick level*, *ban level* and *redact level*. */
export function namedLevel(name: NamedLevel, state: PowerState, version: RoomVersion): number {
  const levels = state.get('m.room.power_levels', '')?.content;
  return levelIn(levels, name, version) ?? namedDefaults[name];
}

/** What a sender needs so that a mention of this kind (`room`) notifies. */
export function notificationLevel(kind: string, state: PowerState, version: RoomVersion): number {
  const levels = state.get('m.room.power_levels', '')?.content;
  return levelIn(levels?.notifications, kind, version) ?? notificationDefault;
}

/** The room's creators: one, or in version 12 also the `additional_creators`. */
export function creatorsOf(state: PowerState, version: RoomVersion): Set<string> {
  const create = state.get('m.room.create', '');
  if (!create) return new Set();
  const creator = version.creator === 'sender' ? create.sender : create.content.creator;
  const additional = version.creatorsHaveInfinitePower ? create.content.additional_creators : [];
  return new Set(
    [creator, ...(Array.isArray(additional) ? additional : [])].filter((id) => typeof id === 'string'),
  );
}

/** Member of an object of levels; absent if it is missing or no level in this room version. */
export function levelIn(
  levels: JsonValue | undefined,
  key: string,
  version: RoomVersion,
): number | undefined {
  return isJsonObject(levels) && Object.hasOwn(levels, key) ? parseLevel(levels[key], version) : undefined;
}

/** Room version 1, "`m.room.power_levels` events accept values as strings". */
const stringLevel = /^\s*[+-]?[0-9]+\s*$/;

export function parseLevel(value: JsonValue | undefined, version: RoomVersion): number | undefined {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value;
    return version.powerLevels === 'floatsAndStrings' && Number.isFinite(value)
      ? Math.trunc(value)
      : undefined;
  }
  if (typeof value === 'string' && version.powerLevels !== 'integers' && stringLevel.test(value)) {
    return Number(value.trim());
  }
  return undefined;
}
