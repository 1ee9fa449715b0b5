import { ownsUser } from '../../../../../appservice/registration.ts';
import type { DeviceId, ServerName, UserId } from '../../../../../matrix/identifiers.ts';
import { serverNameOf } from '../../../../../matrix/identifiers.ts';
import type { Config } from '../../../config.ts';
import type { PresenceState } from '../../../protocol/sync/presence.ts';

/** A device that syncs, and what it says of its user by that. */
export interface PresentDevice {
  deviceId: DeviceId;
  state: PresenceState;
}

/** What the object knows of presence beside its table. It is there only where presence is on. */
export interface PresenceWatch {
  /** People of this server: presence of application services' users is told to nobody. */
  isPerson(userId: string): boolean;
  /** Of another server. */
  isElsewhere(userId: string): boolean;
  /** Users elsewhere who were found to share no room; a cache, so that not every room is asked each time. */
  strangers: Set<string>;
  /** Servers somebody of which has just come into a room; to be told with the next `presence_servers`. */
  toGreet: Set<ServerName>;
  /** All servers are to be told with it. */
  isNews: boolean;
  /** Devices by their latest sync; a cache, so that the moment between two syncs does not count. */
  latest: Map<DeviceId, { state: PresenceState; atMs: number }>;
}

/** @returns nothing if presence is off, or the user is one of an application service */
export function watchPresence(userId: UserId, config: Config): PresenceWatch | undefined {
  if (!config.presence) return undefined;
  const { serverName, registrations } = config;
  const isPerson = (other: string) =>
    serverNameOf(other as UserId) === serverName &&
    !registrations.some((registration) => ownsUser(registration, other, serverName));
  if (!isPerson(userId)) return undefined;
  return {
    isPerson,
    isElsewhere: (other) => serverNameOf(other as UserId) !== serverName,
    strangers: new Set(),
    toGreet: new Set(),
    isNews: false,
    latest: new Map(),
  };
}
