import type { DeviceId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { DeltaResult, ServiceDelta } from './room-rpc.ts';
import type { KeyCounts } from './user-sync-rpc.ts';

/** What `AppserviceObject` (one per registration, named by its id) offers to the rest of the server. */
export interface AppserviceRpc {
  /** Queues the events (and ephemeral data, if the registration wants it) in order. */
  applyRoomDelta(delta: ServiceDelta): Promise<DeltaResult>;
  enqueueToDevice(messages: JsonObject[]): Promise<void>;
  /**
   * For services with `deviceNews`: a user's devices or identity changed. Passed on if the user is the service's own,
   * or is in a room with such a one.
   */
  tellDeviceList(userId: UserId, whose: 'own' | 'other'): Promise<void>;
  /** Likewise: what a device of its own user has left. */
  tellKeyCounts(userId: UserId, deviceId: DeviceId, counts: KeyCounts): Promise<void>;
  /** Ends a pause after failures, when the service has shown itself alive. */
  retryNow(): Promise<void>;
  /** Last acknowledged transaction, queue length, failures. */
  health(): Promise<AppserviceHealth>;
}

export interface AppserviceHealth {
  queued: number;
  failures: number;
  lastError?: string;
  lastSuccessTs?: number;
  nextAttemptTs?: number;
}
