import type { EventId, RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { newestEventId } from './events.ts';

export interface RoomRow {
  roomId: RoomId;
  version: string;
  /** The room is not all here yet. */
  importing: boolean;
}

/** Absent if the room was never created; such an object has no tables at all. */
export function readRoomRow(sqlite: Sqlite): RoomRow | undefined {
  if (!sqlite.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'room'")) return undefined;
  const row = sqlite.get<{ room_id: string; version: string; importing: number | null }>(
    'SELECT room_id, version, importing FROM room',
  );
  return row && { roomId: row.room_id as RoomId, version: row.version, importing: row.importing !== null };
}

export function insertRoomRow(sqlite: Sqlite, room: RoomRow): void {
  sqlite.run(
    'INSERT INTO room (id, room_id, version, importing) VALUES (1, ?, ?, ?)',
    room.roomId,
    room.version,
    room.importing ? 0 : null,
  );
}

/** Events of the import that wait, without counting them. */
export function countWaiting(sqlite: Sqlite): number {
  return sqlite.get<{ importing: number | null }>('SELECT importing FROM room')?.importing ?? 0;
}

export function addWaiting(sqlite: Sqlite, more: number): void {
  if (more !== 0) sqlite.run('UPDATE room SET importing = importing + ?', more);
}

export function endImport(sqlite: Sqlite): void {
  sqlite.run('UPDATE room SET importing = NULL');
}

/** Accepted events that no other accepted event of the room names as previous; oldest first. */
export function readExtremities(sqlite: Sqlite): EventId[] {
  return [...sqlite.untilWritten('extremities', '', () => storedExtremities(sqlite))];
}

function storedExtremities(sqlite: Sqlite): EventId[] {
  const row = sqlite.get<{ extremities: string | null }>('SELECT extremities FROM room');
  if (row?.extremities) return JSON.parse(row.extremities) as EventId[];
  const newest = newestEventId(sqlite);
  return newest ? [newest] : [];
}

/** @param eventIds undefined: the newest event is the only one. Writes only if that is a change. */
export function writeExtremities(sqlite: Sqlite, eventIds: EventId[] | undefined): void {
  sqlite.run(
    'UPDATE room SET extremities = ?1 WHERE extremities IS NOT ?1',
    eventIds ? JSON.stringify(eventIds) : null,
  );
}
