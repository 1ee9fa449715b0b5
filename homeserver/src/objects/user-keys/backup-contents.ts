import { type Denial, denial, notFound } from '../../../../matrix/errors.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import {
  deleteBackupSessions,
  listBackupSessions,
  putBackupSession,
  readBackupSession,
} from '../../storage/user-keys/backup-sessions.ts';
import { readBackup, touchBackup } from '../../storage/user-keys/backups.ts';
import type {
  BackedUpSession,
  BackupChanged,
  BackupPage,
  BackupPageQuery,
  BackupScope,
  BackupSessions,
  WrongBackupVersion,
} from '../user-keys-rpc.ts';
import { findBackup, isDenied } from './backup-versions.ts';

/** Client-server API, "Server-side key backups": the keys. */

/** Sessions per page: some hundred kB, far below what one RPC answer may hold. */
const pageSize = 500;

/** Only the current version takes keys. A session is replaced only by a better copy of it. */
export function putSessions(
  sqlite: Sqlite,
  version: string,
  rooms: BackupSessions,
): BackupChanged | WrongBackupVersion | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  const current = readBackup(sqlite);
  if (current && current.version !== backup.version) {
    return { kind: 'wrong_version', currentVersion: String(current.version) };
  }
  let added = 0;
  let replaced = 0;
  for (const [roomId, sessions] of Object.entries(rooms)) {
    for (const [sessionId, session] of Object.entries(sessions)) {
      const known = readBackupSession(sqlite, backup.version, roomId, sessionId);
      if (known && !isBetter(session, known)) continue;
      putBackupSession(sqlite, backup.version, { roomId, sessionId, session });
      if (known) replaced += 1;
      else added += 1;
    }
  }
  return recordChange(sqlite, version, added, added + replaced > 0);
}

/** Specification, "Backup algorithm": which of two copies to keep. */
export function isBetter(candidate: BackedUpSession, known: BackedUpSession): boolean {
  if (candidate.is_verified !== known.is_verified) return candidate.is_verified;
  if (candidate.first_message_index !== known.first_message_index) {
    return candidate.first_message_index < known.first_message_index;
  }
  return candidate.forwarded_count < known.forwarded_count;
}

export function readPage(
  sqlite: Sqlite,
  version: string,
  { roomId, sessionId, after }: BackupPageQuery,
): BackupPage | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  if (roomId !== undefined && sessionId !== undefined) {
    const session = readBackupSession(sqlite, backup.version, roomId, sessionId);
    if (!session) return denial(notFound('No such session in the backup'));
    return { kind: 'sessions', rooms: { [roomId]: { [sessionId]: session } } };
  }
  const stored = listBackupSessions(sqlite, backup.version, roomId, after, pageSize);
  const rooms: BackupSessions = {};
  for (const one of stored) {
    rooms[one.roomId as RoomId] ??= {};
    Object.assign(rooms[one.roomId as RoomId] ?? {}, { [one.sessionId]: one.session });
  }
  const last = stored.length === pageSize ? stored.at(-1) : undefined;
  return {
    kind: 'sessions',
    rooms,
    ...(last && { next: { roomId: last.roomId as RoomId, sessionId: last.sessionId } }),
  };
}

export function removeSessions(sqlite: Sqlite, version: string, scope: BackupScope): BackupChanged | Denial {
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  const removed = deleteBackupSessions(sqlite, backup.version, scope);
  return recordChange(sqlite, version, -removed, removed > 0);
}

function recordChange(
  sqlite: Sqlite,
  version: string,
  added: number,
  hasChanged: boolean,
): BackupChanged | Denial {
  if (hasChanged) touchBackup(sqlite, Number(version), added);
  const backup = findBackup(sqlite, version);
  if (isDenied(backup)) return backup;
  return { kind: 'changed', count: backup.sessionCount, etag: String(backup.etag) };
}
