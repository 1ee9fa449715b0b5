import type { ClientEvent } from '../../matrix/events.ts';
import type { JsonObject } from '../../matrix/json.ts';
import type { RemoteEvent } from './remote-event.ts';

/**
 * What a `PortalObject` offers. One per chat, named by the chat's id. Both directions share its lane: a
 * durable queue worked off in order of arrival.
 */
export interface PortalRpc {
  /** Durable when it returns; what was queued before under the same `dedupeKey` is ignored. */
  enqueueRemote(loginId: string, events: RemoteEvent[]): Promise<void>;
  /** Likewise for events of the portal's room, by event id. */
  enqueueMatrix(events: ClientEvent[]): Promise<void>;
  /** Not queued: the latest wins, loss is harmless. Returns before the network is told. */
  ephemeral(events: JsonObject[]): Promise<void>;
  /** The portal's room, made if there is none yet. For spaces, which must exist before their children. */
  ensureRoom(loginId: string): Promise<EnsureRoomResult>;
  status(): Promise<PortalStatus>;
}

export type EnsureRoomResult =
  | { kind: 'room'; roomId: string }
  | { kind: 'retry'; afterMs: number; reason: string };

export interface PortalStatus {
  roomId: string | undefined;
  queued: number;
  parked: number;
  /** Items given up, newest first, at most 20. */
  dead: { key: string; reason: string; queuedMs: number }[];
}
