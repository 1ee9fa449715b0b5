import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `dehydrated_inboxes`. */

export function listInboxes(sqlite: Sqlite): DeviceId[] {
  const rows = sqlite.all<{ deviceId: string }>('SELECT device_id AS deviceId FROM dehydrated_inboxes');
  return rows.map(({ deviceId }) => deviceId as DeviceId);
}

export function addInbox(sqlite: Sqlite, deviceId: DeviceId): void {
  sqlite.run('INSERT OR IGNORE INTO dehydrated_inboxes (device_id) VALUES (?)', deviceId);
}

export function removeInbox(sqlite: Sqlite, deviceId: DeviceId): void {
  sqlite.run('DELETE FROM dehydrated_inboxes WHERE device_id = ?', deviceId);
}
