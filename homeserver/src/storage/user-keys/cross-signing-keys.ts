import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** `cross_signing_keys`: at most one key per usage. */
export type Usage = 'master' | 'self_signing' | 'user_signing';

export interface StoredCrossSigningKey {
  /** Unpadded base64, which is also the key's id. */
  publicKey: string;
  key: JsonObject;
}

export type CrossSigningKeys = Partial<Record<Usage, StoredCrossSigningKey>>;

export function readCrossSigningKeys(sqlite: Sqlite): CrossSigningKeys {
  const rows = sqlite.all<{ usage: string; public_key: string; key: string }>(
    'SELECT usage, public_key, key FROM cross_signing_keys',
  );
  return Object.fromEntries(
    rows.map((row) => [row.usage, { publicKey: row.public_key, key: JSON.parse(row.key) as JsonObject }]),
  );
}

export function putCrossSigningKey(sqlite: Sqlite, usage: Usage, stored: StoredCrossSigningKey): void {
  sqlite.run(
    `INSERT INTO cross_signing_keys (usage, public_key, key) VALUES (?, ?, ?)
     ON CONFLICT (usage) DO UPDATE SET public_key = excluded.public_key, key = excluded.key`,
    usage,
    stored.publicKey,
    JSON.stringify(stored.key),
  );
}

export function deleteCrossSigningKey(sqlite: Sqlite, usage: Usage): void {
  sqlite.run('DELETE FROM cross_signing_keys WHERE usage = ?', usage);
}
