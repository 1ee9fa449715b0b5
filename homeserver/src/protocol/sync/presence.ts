import type { JsonObject } from '../../../../matrix/json.ts';

/** From the least to the most present. */
export const presenceStates = ['offline', 'unavailable', 'online'] as const;

export type PresenceState = (typeof presenceStates)[number];

export interface Presence {
  state: PresenceState;
  statusMsg: string | undefined;
  /** Epoch ms; 0: never. */
  lastActiveMs: number;
}

export const neverSeen: Presence = { state: 'offline', statusMsg: undefined, lastActiveMs: 0 };

export function isMorePresent(state: PresenceState, than: PresenceState): boolean {
  return presenceStates.indexOf(state) > presenceStates.indexOf(than);
}

/**
 * Client-server API, "Presence": content of `m.presence`, and the answer about one user. Who is online counts as
 * active, so that the time of the last activity need not be told again and again.
 */
export function presenceContent({ state, statusMsg, lastActiveMs }: Presence, nowMs: number): JsonObject {
  return {
    presence: state,
    ...(statusMsg !== undefined && { status_msg: statusMsg }),
    ...(lastActiveMs > 0 && { last_active_ago: Math.max(0, nowMs - lastActiveMs) }),
    ...(state === 'online' && { currently_active: true }),
  };
}
