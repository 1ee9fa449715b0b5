import type { JsonObject } from '../../../matrix/json.ts';
import type { DeltaResult, ServiceDelta } from './room-rpc.ts';

/** What `AppserviceObject` (one per registration, named by its id) offers to the rest of the server. */
export interface AppserviceRpc {
  /** Queues the events (and ephemeral data, if the registration wants it) in order. */
  applyRoomDelta(delta: ServiceDelta): Promise<DeltaResult>;
  enqueueToDevice(messages: JsonObject[]): Promise<void>;
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
