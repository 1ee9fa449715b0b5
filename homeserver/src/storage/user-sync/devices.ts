import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `devices`. */

export type DeviceRow = {
  deviceId: DeviceId;
  displayName: string | null;
  lastSeenMs: number | null;
  lastSeenIp: string | null;
};

const columns =
  'device_id AS deviceId, display_name AS displayName, last_seen_ms AS lastSeenMs, last_seen_ip AS lastSeenIp';

export function listDevices(sqlite: Sqlite): DeviceRow[] {
  return sqlite.all<DeviceRow>(`SELECT ${columns} FROM devices ORDER BY device_id`);
}

export function findDevice(sqlite: Sqlite, deviceId: string): DeviceRow | undefined {
  return sqlite.get<DeviceRow>(`SELECT ${columns} FROM devices WHERE device_id = ?`, deviceId);
}

/** Makes the device if it is new; an existing one keeps its name. */
export function putDevice(
  sqlite: Sqlite,
  deviceId: string,
  displayName: string | undefined,
  nowMs: number,
): void {
  sqlite.run(
    `INSERT INTO devices (device_id, display_name, created_ms, last_seen_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (device_id) DO UPDATE SET last_seen_ms = excluded.last_seen_ms`,
    deviceId,
    displayName ?? null,
    nowMs,
    nowMs,
  );
}

export function renameDevice(sqlite: Sqlite, deviceId: string, displayName: string): void {
  sqlite.run('UPDATE devices SET display_name = ? WHERE device_id = ?', displayName, deviceId);
}

export function touchDevice(sqlite: Sqlite, deviceId: string, nowMs: number): void {
  sqlite.run('UPDATE devices SET last_seen_ms = ? WHERE device_id = ?', nowMs, deviceId);
}

export function deleteDevice(sqlite: Sqlite, deviceId: string): void {
  sqlite.run('DELETE FROM devices WHERE device_id = ?', deviceId);
}

/** JSON texts of the counts and of the list of algorithms. */
export function readKeyCounts(
  sqlite: Sqlite,
  deviceId: string,
): { counts: string; fallbackTypes: string } | undefined {
  return sqlite.get<{ counts: string; fallbackTypes: string }>(
    `SELECT one_time_key_counts AS counts, unused_fallback_key_types AS fallbackTypes
     FROM devices WHERE device_id = ?`,
    deviceId,
  );
}

export function writeKeyCounts(
  sqlite: Sqlite,
  deviceId: string,
  counts: string,
  fallbackTypes: string,
): void {
  sqlite.run(
    'UPDATE devices SET one_time_key_counts = ?, unused_fallback_key_types = ? WHERE device_id = ?',
    counts,
    fallbackTypes,
    deviceId,
  );
}
