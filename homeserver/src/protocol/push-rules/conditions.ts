import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';
import { containsGlobWord, containsWord, matchesGlob } from '../glob.ts';
import { notificationLevel, type PowerState, userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import { threadOf } from '../threads.ts';

/** The user and the room, as they are when the event arrives. */
export interface PushContext {
  userId: string;
  roomId: string;
  /** Joined members. */
  memberCount: number;
  /** Of the user in this room. */
  displayName?: string;
  /** Power levels and create event are looked up in it. */
  state: PowerState;
  /**
   * Whether the user is subscribed to a thread (MSC4306). Nothing if none of their clients knows subscriptions:
   * else those who cannot subscribe would hear of no thread any more.
   */
  isSubscribed?(threadId: string): boolean | undefined;
  version: RoomVersion;
}

export interface PushEvent {
  type: string;
  sender: string;
  content: JsonObject;
  state_key?: string;
}

/** Client-server API, "Conditions". One that is unknown or malformed does not hold. */
export function conditionHolds(condition: JsonObject, event: PushEvent, context: PushContext): boolean {
  const { kind, key, value } = condition;
  switch (kind) {
    case 'event_match':
      return (
        typeof key === 'string' &&
        typeof condition.pattern === 'string' &&
        matchesProperty(key, condition.pattern, event, context)
      );
    case 'event_property_is':
      return typeof key === 'string' && isScalar(value) && property(event, context, key) === value;
    case 'event_property_contains': {
      const list = typeof key === 'string' && isScalar(value) ? property(event, context, key) : undefined;
      return Array.isArray(list) && list.some((entry) => entry === value);
    }
    case 'contains_display_name':
      return (
        context.displayName !== undefined &&
        context.displayName !== '' &&
        typeof event.content.body === 'string' &&
        containsWord(context.displayName.toLowerCase(), event.content.body.toLowerCase())
      );
    case 'room_member_count':
      return typeof condition.is === 'string' && isCount(condition.is, context.memberCount);
    case 'sender_notification_permission':
      return (
        typeof key === 'string' &&
        userPower(event.sender, context.state, context.version) >=
          notificationLevel(key, context.state, context.version)
      );
    case 'io.element.msc4306.thread_subscription': {
      const threadId = threadOf(event.content);
      return (
        threadId !== undefined &&
        typeof condition.subscribed === 'boolean' &&
        context.isSubscribed?.(threadId) === condition.subscribed
      );
    }
    default:
      return false;
  }
}

/** `event_match`: the whole value, or for the body of a message words in it. Case does not matter. */
export function matchesProperty(
  key: string,
  pattern: string,
  event: PushEvent,
  context: PushContext,
): boolean {
  const value = property(event, context, key);
  if (typeof value !== 'string') return false;
  const matches = key === 'content.body' ? containsGlobWord : matchesGlob;
  return matches(pattern.toLowerCase(), value.toLowerCase());
}

function property(event: PushEvent, context: PushContext, path: string): JsonValue | undefined {
  const keys = splitPath(path);
  // The event of a room of version 12 may not name its room.
  if (path === 'room_id') return context.roomId;
  let value: unknown = event;
  for (const key of keys) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value as JsonValue | undefined;
}

/** Appendices, "Dot-separated property paths": `\.` and `\\` stand for dot and backslash. */
export function splitPath(path: string): string[] {
  const keys: string[] = [];
  let key = '';
  for (let index = 0; index < path.length; index += 1) {
    const next = path[index + 1];
    if (path[index] === '\\' && (next === '.' || next === '\\')) {
      key += next;
      index += 1;
    } else if (path[index] === '.') {
      keys.push(key);
      key = '';
    } else key += path[index];
  }
  return [...keys, key];
}

function isScalar(value: JsonValue | undefined): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isCount(is: string, count: number): boolean {
  const [, operator = '', digits] = /^(==|<=|>=|<|>)?([0-9]{1,15})$/.exec(is) ?? [];
  if (digits === undefined) return false;
  const bound = Number(digits);
  switch (operator) {
    case '<':
      return count < bound;
    case '>':
      return count > bound;
    case '<=':
      return count <= bound;
    case '>=':
      return count >= bound;
    default:
      return count === bound;
  }
}
