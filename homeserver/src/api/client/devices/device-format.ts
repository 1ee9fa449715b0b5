import type { JsonObject } from '../../../../../matrix/json.ts';
import type { DeviceInfo } from '../../../objects/user-sync-rpc.ts';

/** The specification's `Device`. */
export function deviceFormat({ deviceId, displayName, lastSeenTs, lastSeenIp }: DeviceInfo): JsonObject {
  return {
    device_id: deviceId,
    display_name: displayName,
    last_seen_ts: lastSeenTs,
    last_seen_ip: lastSeenIp,
  };
}
