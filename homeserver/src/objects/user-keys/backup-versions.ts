import { type Denial, denial, invalidParam, notFound } from '../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { deleteBackupSessions } from '../../storage/user-keys/backup-sessions.ts';
import {
  deleteBackup,
  readBackup,
  type StoredBackup,
  setBackupAuthData,
} from '../../storage/user-keys/backups.ts';
import type { BackupVersion } from '../user-keys-rpc.ts';

/** Client-server API, "Server-side key backups": the versions. */

/** Clients give the version as text; what is no number of ours names no backup. */
export function findBackup(sqlite: Sqlite, version: string | undefined): StoredBackup | Denial {
  const isNumber = version === undefined || /^[1-9][0-9]{0,14}$/.test(version);
  const backup = isNumber
    ? readBackup(sqlite, version === undefined ? undefined : Number(version))
    : undefined;
  return backup ?? denial(notFound(version === undefined ? 'No backup' : 'Unknown backup version'));
}

export function isDenied(result: object): result is Denial {
  return 'kind' in result && result.kind === 'denied';
}

export function describeBackup(sqlite: Sqlite, version: string | undefined): BackupVersion | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  return {
    kind: 'version',
    version: String(backup.version),
    algorithm: backup.algorithm,
    authData: backup.authData,
    count: backup.sessionCount,
    etag: String(backup.etag),
  };
}

export function updateBackup(
  sqlite: Sqlite,
  version: string,
  algorithm: string,
  authData: JsonObject,
): { kind: 'done' } | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  if (backup.algorithm !== algorithm)
    return denial(invalidParam('The algorithm of a backup does not change'));
  setBackupAuthData(sqlite, backup.version, authData);
  return { kind: 'done' };
}

export function removeBackup(sqlite: Sqlite, version: string): { kind: 'done' } | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  deleteBackup(sqlite, backup.version);
  deleteBackupSessions(sqlite, backup.version);
  return { kind: 'done' };
}
