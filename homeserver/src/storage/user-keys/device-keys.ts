import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `device_keys`: identity keys by device, as uploaded. */
export interface StoredDeviceKeys {
  deviceId: DeviceId;
  keys: JsonObject;
  displayName: string | null;
}

interface Row {
  [column: string]: string | null;
  device_id: string;
  keys: string;
  display_name: string | null;
}

export function readDeviceKeys(sqlite: Sqlite, deviceId: DeviceId): StoredDeviceKeys | undefined {
  const row = sqlite.get<Row>(
    'SELECT device_id, keys, display_name FROM device_keys WHERE device_id = ?',
    deviceId,
  );
  return row && fromRow(row);
}

export function listDeviceKeys(sqlite: Sqlite): StoredDeviceKeys[] {
  return sqlite.all<Row>('SELECT device_id, keys, display_name FROM device_keys').map(fromRow);
}

/** @param displayName `undefined` keeps the name that is known */
export function putDeviceKeys(
  sqlite: Sqlite,
  deviceId: DeviceId,
  keysText: string,
  displayName: string | undefined,
): void {
  sqlite.run(
    `INSERT INTO device_keys (device_id, keys, display_name) VALUES (?, ?, ?)
     ON CONFLICT (device_id) DO UPDATE SET
       keys = excluded.keys, display_name = COALESCE(excluded.display_name, display_name)`,
    deviceId,
    keysText,
    displayName ?? null,
  );
}

/** @returns whether the name of a device with keys changed */
export function setDisplayName(sqlite: Sqlite, deviceId: DeviceId, displayName: string | undefined): boolean {
  const name = displayName ?? null;
  return (
    sqlite.run(
      'UPDATE device_keys SET display_name = ? WHERE device_id = ? AND display_name IS NOT ?',
      name,
      deviceId,
      name,
    ) > 0
  );
}

/** @returns whether there were any */
export function deleteDeviceKeys(sqlite: Sqlite, deviceId: DeviceId): boolean {
  return sqlite.run('DELETE FROM device_keys WHERE device_id = ?', deviceId) > 0;
}

function fromRow(row: Row): StoredDeviceKeys {
  return {
    deviceId: row.device_id as DeviceId,
    keys: JSON.parse(row.keys) as JsonObject,
    displayName: row.display_name,
  };
}
