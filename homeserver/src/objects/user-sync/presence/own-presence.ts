import type { DeviceId, ServerName } from '../../../../../matrix/identifiers.ts';
import {
  isMorePresent,
  neverSeen,
  type Presence,
  type PresenceState,
} from '../../../protocol/sync/presence.ts';
import { findPresence, markAllUntold, putPresence, untold } from '../../../storage/user-sync/presence.ts';
import type { UserContext } from '../user-context.ts';
import type { PresenceWatch, PresentDevice } from './presence-watch.ts';

/** Names of due work. */
export const tellWork = 'presence';
export const lookWork = 'presence_look';
export const serversWork = 'presence_servers';

/** What changes in so short a time is told to other servers once. */
const serversDelayMs = 1_000;

/** How often it is looked whether any device still syncs. Each time takes a step from online to offline. */
const lookEveryMs = 3 * 60 * 1000;
/** Between two syncs of a device. */
const pauseMs = 60 * 1000;

export function ownPresence(user: UserContext): Presence {
  return findPresence(user.sqlite, user.userId) ?? neverSeen;
}

/** The user says so. */
export function setPresence(
  user: UserContext,
  state: PresenceState,
  statusMsg: string | undefined,
  nowMs: number,
): void {
  if (!user.presence) return;
  const { lastActiveMs } = ownPresence(user);
  change(user, { state, statusMsg, lastActiveMs: state === 'online' ? nowMs : lastActiveMs }, nowMs);
}

/**
 * A device syncs. Nothing is written as long as the presence stays what it is.
 * @param state what the sync says of the user; absent: nothing; `offline`: that this device is none of theirs to count
 * @param waiting devices whose syncs wait
 */
export function notePresence(
  user: UserContext,
  deviceId: DeviceId,
  state: PresenceState | undefined,
  waiting: () => readonly PresentDevice[],
  nowMs: number,
): void {
  if (!user.presence || !state) return;
  if (state === 'offline') {
    user.presence.latest.delete(deviceId);
    return;
  }
  user.presence.latest.set(deviceId, { state, atMs: nowMs });
  const own = ownPresence(user);
  if (own.state === state) return;
  const others = waiting().filter((device) => device.deviceId !== deviceId);
  const best = mostPresent(user.presence, others, nowMs);
  if (best === own.state) return;
  const lastActiveMs = best === 'online' ? nowMs : own.lastActiveMs;
  change(user, { ...own, state: best, lastActiveMs }, nowMs);
}

/**
 * The due work `presence_look`: without a device that syncs, who was online is away, and who was away is offline.
 * @returns when it is due again
 */
export function lookForPresence(
  user: UserContext,
  waiting: readonly PresentDevice[],
  nowMs: number,
): number | undefined {
  if (!user.presence) return undefined;
  const own = ownPresence(user);
  const best = mostPresent(user.presence, waiting, nowMs);
  const lower = own.state === 'online' ? 'unavailable' : 'offline';
  const state = best === 'offline' ? lower : isMorePresent(own.state, best) ? best : own.state;
  if (state !== own.state) change(user, { ...own, state }, nowMs);
  return state === 'offline' ? undefined : nowMs + lookEveryMs;
}

function mostPresent(
  { latest }: PresenceWatch,
  waiting: readonly PresentDevice[],
  nowMs: number,
): PresenceState {
  const recent = [...latest.values()].filter(({ atMs }) => atMs >= nowMs - pauseMs);
  const states = [...waiting, ...recent].map(({ state }) => state);
  return states.reduce((best, state) => (isMorePresent(state, best) ? state : best), 'offline');
}

function change(user: UserContext, presence: Presence, nowMs: number): void {
  user.sqlite.transaction(() => {
    const position = user.stream.next();
    putPresence(user.sqlite, { ...presence, userId: user.userId, position, untold: untold.nothing });
    markAllUntold(user.sqlite, user.userId);
    user.due.schedule(tellWork, nowMs);
    tellServersSoon(user, undefined, nowMs);
    if (presence.state !== 'offline') user.due.schedule(lookWork, nowMs + lookEveryMs);
  });
}

/** @param server absent: all that share a room */
export function tellServersSoon(user: UserContext, server: ServerName | undefined, nowMs: number): void {
  if (!user.presence) return;
  if (server === undefined) user.presence.isNews = true;
  else user.presence.toGreet.add(server);
  user.due.schedule(serversWork, nowMs + serversDelayMs);
}
