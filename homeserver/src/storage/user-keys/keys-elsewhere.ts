import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { UserKeys } from '../../objects/user-keys-rpc.ts';

/** Table `keys_elsewhere`: of a user of another server, their keys as they were told. */
export interface KeysElsewhereRow {
  keys: UserKeys | undefined;
  /** Epoch ms; 0: not current. */
  askedMs: number;
  revision: number;
}

/** Larger lists are asked for each time: a row has to stay below 2 MB. */
const maxChars = 500_000;

export function readKeysElsewhere(sqlite: Sqlite): KeysElsewhereRow {
  const row = sqlite.get<{ keys: string | null; asked_ms: number; revision: number }>(
    'SELECT keys, asked_ms, revision FROM keys_elsewhere WHERE id = 1',
  );
  const keys = row?.keys ? (JSON.parse(row.keys) as UserKeys) : undefined;
  return { keys, askedMs: row?.asked_ms ?? 0, revision: row?.revision ?? 0 };
}

/** Does nothing if they changed after `revision` was read. */
export function writeKeysElsewhere(sqlite: Sqlite, keys: UserKeys, askedMs: number, revision: number): void {
  const text = JSON.stringify(keys);
  if (text.length > maxChars) return;
  sqlite.run(
    `INSERT INTO keys_elsewhere (id, keys, asked_ms, revision) VALUES (1, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET keys = excluded.keys, asked_ms = excluded.asked_ms
       WHERE revision = excluded.revision`,
    text,
    askedMs,
    revision,
  );
}

export function outdateKeysElsewhere(sqlite: Sqlite): void {
  sqlite.run(
    `INSERT INTO keys_elsewhere (id, keys, asked_ms, revision) VALUES (1, NULL, 0, 1)
     ON CONFLICT (id) DO UPDATE SET asked_ms = 0, revision = revision + 1`,
  );
}
