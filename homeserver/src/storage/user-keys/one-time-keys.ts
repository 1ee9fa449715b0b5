import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `one_time_keys`: given out once each, in the order of upload. */
export interface OneTimeKey {
  keyId: string;
  /** JSON text. */
  key: string;
}

export interface StoredOneTimeKey extends OneTimeKey {
  isClaimed: boolean;
}

/** Claimed keys are remembered as long as so many newer ones have not come. */
const rememberedPositions = 500;

export function listOneTimeKeys(sqlite: Sqlite, deviceId: DeviceId, algorithm: string): StoredOneTimeKey[] {
  return sqlite
    .all<{ key_id: string; key: string; is_claimed: number }>(
      'SELECT key_id, key, is_claimed FROM one_time_keys WHERE device_id = ? AND algorithm = ?',
      deviceId,
      algorithm,
    )
    .map((row) => ({ keyId: row.key_id, key: row.key, isClaimed: row.is_claimed === 1 }));
}

/** Adds keys behind those that are there, and forgets keys claimed long ago. */
export function addOneTimeKeys(
  sqlite: Sqlite,
  deviceId: DeviceId,
  algorithm: string,
  keys: readonly OneTimeKey[],
): void {
  const last = sqlite.get<{ position: number | null }>(
    'SELECT MAX(position) AS position FROM one_time_keys WHERE device_id = ? AND algorithm = ?',
    deviceId,
    algorithm,
  );
  let position = last?.position ?? 0;
  for (const { keyId, key } of keys) {
    position += 1;
    sqlite.run(
      `INSERT INTO one_time_keys (device_id, algorithm, is_claimed, position, key_id, key)
       VALUES (?, ?, 0, ?, ?, ?)`,
      deviceId,
      algorithm,
      position,
      keyId,
      key,
    );
  }
  sqlite.run(
    'DELETE FROM one_time_keys WHERE device_id = ? AND algorithm = ? AND is_claimed = 1 AND position <= ?',
    deviceId,
    algorithm,
    position - rememberedPositions,
  );
}

/** Takes the oldest key that nobody has been given. One statement: no two callers get the same. */
export function claimOneTimeKey(
  sqlite: Sqlite,
  deviceId: DeviceId,
  algorithm: string,
): OneTimeKey | undefined {
  const row = sqlite.get<{ key_id: string; key: string }>(
    `UPDATE one_time_keys SET is_claimed = 1
     WHERE device_id = ?1 AND algorithm = ?2 AND is_claimed = 0 AND position = (
       SELECT MIN(position) FROM one_time_keys WHERE device_id = ?1 AND algorithm = ?2 AND is_claimed = 0
     ) RETURNING key_id, key`,
    deviceId,
    algorithm,
  );
  return row && { keyId: row.key_id, key: row.key };
}

/** Keys left, by algorithm. */
export function countOneTimeKeys(sqlite: Sqlite, deviceId: DeviceId): Record<string, number> {
  const rows = sqlite.all<{ algorithm: string; count: number }>(
    `SELECT algorithm, COUNT(*) AS count FROM one_time_keys
     WHERE device_id = ? AND is_claimed = 0 GROUP BY algorithm`,
    deviceId,
  );
  return Object.fromEntries(rows.map(({ algorithm, count }) => [algorithm, count]));
}

export function deleteOneTimeKeys(sqlite: Sqlite, deviceId: DeviceId): void {
  sqlite.run('DELETE FROM one_time_keys WHERE device_id = ?', deviceId);
}
