import { parseUserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';
import type { Pdu } from '../pdu.ts';
import { creatorsOf, levelIn, parseLevel, userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import { type AuthState, allowed, denied, type Verdict } from './verdict.ts';

const namedLevels = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'];

/** Rule 10. */
export function authorizePowerLevels(event: Pdu, state: AuthState, version: RoomVersion): Verdict {
  const { content } = event;
  const malformed = checkForm(content, state, version);
  if (malformed) return malformed;
  const current = state.get('m.room.power_levels', '');
  if (!current) return allowed;
  const senderPower = userPower(event.sender, state, version);
  return (
    checkNamedLevels(current.content, content, senderPower, version) ??
    checkMaps(current.content, content, senderPower, version) ??
    checkUsers(current.content.users, content.users, event.sender, senderPower, version) ??
    allowed
  );
}

/** Rules 10.1–10.4. */
function checkForm(content: JsonObject, state: AuthState, version: RoomVersion): Verdict | undefined {
  const isLevel = (value: JsonValue | undefined) => parseLevel(value, version) !== undefined;
  if (version.powerLevels === 'integers') {
    const wrong = namedLevels.find((name) => content[name] !== undefined && !isLevel(content[name]));
    if (wrong !== undefined) return denied('10.1', `${wrong} is not an integer`);
    for (const name of ['events', 'notifications']) {
      const map = content[name];
      if (map !== undefined && !(isJsonObject(map) && Object.values(map).every(isLevel))) {
        return denied('10.2', `${name} is not an object of integers`);
      }
    }
  }
  const { users = {} } = content;
  const usersAreLevels =
    isJsonObject(users) &&
    Object.entries(users).every(([userId, level]) => parseUserId(userId) !== undefined && isLevel(level));
  if (!usersAreLevels) return denied('10.3', 'users is not an object of levels by user id');
  if (version.creatorsHaveInfinitePower) {
    const creators = creatorsOf(state, version);
    if (Object.keys(users).some((userId) => creators.has(userId))) {
      return denied('10.4', 'creators have no level');
    }
  }
  return undefined;
}

/** Rule 10.6. */
function checkNamedLevels(
  current: JsonObject,
  next: JsonObject,
  senderPower: number,
  version: RoomVersion,
): Verdict | undefined {
  for (const name of namedLevels) {
    const before = levelIn(current, name, version);
    const after = levelIn(next, name, version);
    if (before === after) continue;
    if (before !== undefined && before > senderPower) return denied('10.6.1', `${name} is above the sender`);
    if (after !== undefined && after > senderPower) return denied('10.6.2', `${name} is above the sender`);
  }
  return undefined;
}

/** Rules 10.7 and 10.8. */
function checkMaps(
  current: JsonObject,
  next: JsonObject,
  senderPower: number,
  version: RoomVersion,
): Verdict | undefined {
  for (const name of version.guardsNotificationLevels ? ['events', 'notifications'] : ['events']) {
    for (const { key, before, after } of changes(current[name], next[name], version)) {
      if (before !== undefined && before > senderPower) return denied('10.7.1', `${key} is above the sender`);
      if (after !== undefined && after > senderPower) return denied('10.8.1', `${key} is above the sender`);
    }
  }
  return undefined;
}

/** Rules 10.9 and 10.10. */
function checkUsers(
  current: JsonValue | undefined,
  next: JsonValue | undefined,
  sender: string,
  senderPower: number,
  version: RoomVersion,
): Verdict | undefined {
  for (const { key, before, after } of changes(current, next, version)) {
    if (key !== sender && before !== undefined && before >= senderPower) {
      return denied('10.9.1', `${key} is not below the sender`);
    }
    if (after !== undefined && after > senderPower) return denied('10.10.1', `${key} rises above the sender`);
  }
  return undefined;
}

interface Change {
  key: string;
  before: number | undefined;
  after: number | undefined;
}

function changes(
  current: JsonValue | undefined,
  next: JsonValue | undefined,
  version: RoomVersion,
): Change[] {
  const keys = new Set([...keysOf(current), ...keysOf(next)]);
  return [...keys]
    .map((key) => ({ key, before: levelIn(current, key, version), after: levelIn(next, key, version) }))
    .filter(({ before, after }) => before !== after);
}

function keysOf(value: JsonValue | undefined): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
