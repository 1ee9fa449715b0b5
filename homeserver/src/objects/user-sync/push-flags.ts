import { isJsonObject } from '../../../../matrix/json.ts';
import type { PushEvent } from '../../protocol/push-rules/conditions.ts';
import { withDefaults } from '../../protocol/push-rules/edit-rules.ts';
import { evaluatePushRules, type PushVerdict, silent } from '../../protocol/push-rules/evaluate.ts';
import type { PushRuleset } from '../../protocol/push-rules/push-rule.ts';
import { roomVersion } from '../../protocol/room-versions.ts';
import { highlights, notifies } from '../../storage/user-sync/ring.ts';
import { findState } from '../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../storage/user-sync/rooms.ts';
import { isSubscribedToThread } from '../../storage/user-sync/thread-subscriptions.ts';
import type { UserContext } from './user-context.ts';

/** A verdict as flags of the event's ring row. */
export function flagsOf(verdict: PushVerdict): number {
  return (verdict.notify ? notifies : 0) | (verdict.highlight ? highlights : 0);
}

/**
 * What the user's push rules make of an event. State is read only if a rule asks for it. Nothing that an
 * ignored user sends notifies.
 */
export function pushVerdict(
  user: UserContext,
  room: RoomRow,
  event: PushEvent,
  memberCount: number,
): PushVerdict {
  if (user.known.ignoredUsers.has(event.sender)) return silent;
  const state = (type: string, stateKey: string) =>
    findState(user.sqlite, room.roomId, type, stateKey)?.event;
  return evaluatePushRules(event, currentPushRules(user), {
    userId: user.userId,
    roomId: room.roomId,
    memberCount,
    get displayName() {
      const name = state('m.room.member', user.userId)?.content.displayname;
      return typeof name === 'string' ? name : '';
    },
    get version() {
      return versionOf(state('m.room.create', '')?.content.room_version);
    },
    isSubscribed: (threadId) => isSubscribedToThread(user.sqlite, room.roomId, threadId),
    state: { get: state },
  });
}

/** Rules with defaults by what was stored: every event asks for them. */
const merged = new WeakMap<object, PushRuleset>();

/** The user's rules with the server's defaults. */
export function currentPushRules(user: UserContext): PushRuleset {
  const known = user.known.get('m.push_rules');
  const cached = merged.get(known);
  if (cached) return cached;
  const stored = known.content?.global;
  const rules = withDefaults(
    isJsonObject(stored) ? (stored as unknown as PushRuleset) : undefined,
    user.userId,
  );
  merged.set(known, rules);
  return rules;
}

function versionOf(name: unknown) {
  const version = roomVersion(typeof name === 'string' ? name : '1') ?? roomVersion('1');
  if (!version) throw new Error('room version 1 is unknown');
  return version;
}
