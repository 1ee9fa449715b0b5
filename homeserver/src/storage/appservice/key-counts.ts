import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { KeyCounts } from '../../objects/user-sync-rpc.ts';

/** Table `key_counts`. */

export function readKeyCounts(sqlite: Sqlite, userId: string, deviceId: string): KeyCounts | undefined {
  const row = sqlite.get<{ counts: string }>(
    'SELECT counts FROM key_counts WHERE user_id = ? AND device_id = ?',
    userId,
    deviceId,
  );
  return row && (JSON.parse(row.counts) as KeyCounts);
}

export function writeKeyCounts(sqlite: Sqlite, userId: UserId, deviceId: DeviceId, counts: KeyCounts): void {
  sqlite.run(
    `INSERT INTO key_counts (user_id, device_id, counts) VALUES (?, ?, ?)
     ON CONFLICT (user_id, device_id) DO UPDATE SET counts = excluded.counts`,
    userId,
    deviceId,
    JSON.stringify(counts),
  );
}
