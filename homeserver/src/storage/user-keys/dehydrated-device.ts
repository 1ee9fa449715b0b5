import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `dehydrated_device`: at most one. */
export interface DehydratedDevice {
  deviceId: DeviceId;
  /** Encrypted by the client. */
  deviceData: JsonObject;
}

export function readDehydratedDevice(sqlite: Sqlite): DehydratedDevice | undefined {
  const row = sqlite.get<{ device_id: string; device_data: string }>(
    'SELECT device_id, device_data FROM dehydrated_device',
  );
  return (
    row && { deviceId: row.device_id as DeviceId, deviceData: JSON.parse(row.device_data) as JsonObject }
  );
}

export function writeDehydratedDevice(sqlite: Sqlite, { deviceId, deviceData }: DehydratedDevice): void {
  sqlite.run(
    'INSERT OR REPLACE INTO dehydrated_device (id, device_id, device_data) VALUES (1, ?, ?)',
    deviceId,
    JSON.stringify(deviceData),
  );
}

export function removeDehydratedDevice(sqlite: Sqlite): void {
  sqlite.run('DELETE FROM dehydrated_device');
}
