import type { Denial } from '../../../matrix/errors.ts';
import type { DeviceId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { KeyCounts } from './user-sync-rpc.ts';

/** What `UserKeysObject` (one per user) offers to the rest of the server. Plain data: this crosses RPC. */

export interface KeyUpload {
  deviceKeys?: JsonObject;
  oneTimeKeys?: Record<string, JsonObject | string>;
  fallbackKeys?: Record<string, JsonObject | string>;
}

export interface UserKeys {
  deviceKeys: Record<DeviceId, JsonObject>;
  masterKey?: JsonObject;
  selfSigningKey?: JsonObject;
  userSigningKey?: JsonObject;
}

export interface UserKeysRpc {
  upload(deviceId: DeviceId, upload: KeyUpload): Promise<({ kind: 'counts' } & KeyCounts) | Denial>;
  /** @param deviceIds empty: all; @param viewer decides which signatures and keys are shown */
  query(deviceIds: DeviceId[], viewer: UserId): Promise<UserKeys>;
  /** Atomic: a one-time key is given once, in upload order, then the fallback key, marked used. */
  claim(wanted: Record<DeviceId, string>): Promise<Record<DeviceId, Record<string, JsonObject | string>>>;
  deleteDevices(deviceIds: DeviceId[]): Promise<void>;
}
