import { ownsUser } from '../../../../../appservice/registration.ts';
import type { DeviceId, UserId } from '../../../../../matrix/identifiers.ts';
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
  return isPerson(userId) ? { isPerson, latest: new Map() } : undefined;
}
