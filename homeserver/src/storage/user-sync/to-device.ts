import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Tables `to_device` (what devices have yet to read) and `to_device_ids` (what they were ever sent). */

/** @returns false if the device was sent this message before */
export function rememberMessage(sqlite: Sqlite, deviceId: string, messageId: string, nowMs: number): boolean {
  return (
    sqlite.run(
      'INSERT OR IGNORE INTO to_device_ids (device_id, message_id, received_ms) VALUES (?, ?, ?)',
      deviceId,
      messageId,
      nowMs,
    ) > 0
  );
}

export function forgetMessagesBefore(sqlite: Sqlite, beforeMs: number): void {
  sqlite.run('DELETE FROM to_device_ids WHERE received_ms < ?', beforeMs);
}

export function insertToDevice(sqlite: Sqlite, deviceId: string, position: number, message: string): void {
  sqlite.run(
    'INSERT INTO to_device (device_id, position, message) VALUES (?, ?, ?)',
    deviceId,
    position,
    message,
  );
}

/** Oldest first, behind `since`. `message` is the JSON of the event. */
export function readToDevice(
  sqlite: Sqlite,
  deviceId: string,
  since: number,
  limit: number,
): { position: number; message: string }[] {
  return sqlite.all<{ position: number; message: string }>(
    'SELECT position, message FROM to_device WHERE device_id = ? AND position > ? ORDER BY position LIMIT ?',
    deviceId,
    since,
    limit,
  );
}

/** @returns rows written: 0 if there was nothing to acknowledge */
export function deleteToDevice(sqlite: Sqlite, deviceId: string, upTo: number): number {
  return sqlite.run('DELETE FROM to_device WHERE device_id = ? AND position <= ?', deviceId, upTo);
}

export function deleteToDeviceOf(sqlite: Sqlite, deviceId: string): void {
  sqlite.run('DELETE FROM to_device WHERE device_id = ?', deviceId);
  sqlite.run('DELETE FROM to_device_ids WHERE device_id = ?', deviceId);
}
