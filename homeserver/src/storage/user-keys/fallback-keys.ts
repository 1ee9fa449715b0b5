import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { OneTimeKey } from './one-time-keys.ts';

/** `fallback_keys`: one per device and algorithm, given out again and again when one-time keys have run out. */

/** A key that is there already keeps its mark of use. */
export function putFallbackKey(
  sqlite: Sqlite,
  deviceId: DeviceId,
  algorithm: string,
  { keyId, key }: OneTimeKey,
): void {
  sqlite.run(
    `INSERT INTO fallback_keys (device_id, algorithm, key_id, key, is_used) VALUES (?, ?, ?, ?, 0)
     ON CONFLICT (device_id, algorithm) DO UPDATE
       SET key_id = excluded.key_id, key = excluded.key, is_used = 0
       WHERE key_id <> excluded.key_id OR key <> excluded.key`,
    deviceId,
    algorithm,
    keyId,
    key,
  );
}

export function useFallbackKey(
  sqlite: Sqlite,
  deviceId: DeviceId,
  algorithm: string,
): OneTimeKey | undefined {
  const row = sqlite.get<{ key_id: string; key: string; is_used: number }>(
    'SELECT key_id, key, is_used FROM fallback_keys WHERE device_id = ? AND algorithm = ?',
    deviceId,
    algorithm,
  );
  if (!row) return undefined;
  if (row.is_used === 0) {
    sqlite.run(
      'UPDATE fallback_keys SET is_used = 1 WHERE device_id = ? AND algorithm = ?',
      deviceId,
      algorithm,
    );
  }
  return { keyId: row.key_id, key: row.key };
}

export function unusedFallbackAlgorithms(sqlite: Sqlite, deviceId: DeviceId): string[] {
  return sqlite
    .all<{ algorithm: string }>(
      'SELECT algorithm FROM fallback_keys WHERE device_id = ? AND is_used = 0',
      deviceId,
    )
    .map(({ algorithm }) => algorithm);
}

export function deleteFallbackKeys(sqlite: Sqlite, deviceId: DeviceId): void {
  sqlite.run('DELETE FROM fallback_keys WHERE device_id = ?', deviceId);
}
