import type { ClientEvent } from '../../../../matrix/events.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `ring`: the latest events of each room. */

export const ringSize = 64;

/** Bits of `flags`. */
export const notifies = 1;
export const highlights = 2;

export type RingRow = {
  roomPosition: number;
  position: number;
  eventId: string;
  flags: number;
  threadId: string | null;
  txnDeviceId: string | null;
  txnId: string | null;
  event: ClientEvent;
};

type Raw = Omit<RingRow, 'event'> & { event: string };

export type EventMark = Pick<RingRow, 'roomPosition' | 'position' | 'eventId' | 'flags' | 'threadId'>;

const columns = `room_position AS roomPosition, position, event_id AS eventId, flags, thread_id AS threadId,
  txn_device_id AS txnDeviceId, txn_id AS txnId, event`;

/** Writes one row, over the event that had the slot. */
export function putEvent(sqlite: Sqlite, roomId: string, row: RingRow): void {
  sqlite.run(
    `INSERT INTO ring
       (room_id, slot, room_position, position, event_id, flags, thread_id, txn_device_id, txn_id, event)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (room_id, slot) DO UPDATE SET room_position = excluded.room_position,
       position = excluded.position, event_id = excluded.event_id, flags = excluded.flags,
       thread_id = excluded.thread_id, txn_device_id = excluded.txn_device_id, txn_id = excluded.txn_id,
       event = excluded.event`,
    roomId,
    row.roomPosition % ringSize,
    row.roomPosition,
    row.position,
    row.eventId,
    row.flags,
    row.threadId,
    row.txnDeviceId,
    row.txnId,
    JSON.stringify(row.event),
  );
}

/**
 * Events of the last `count` positions of the room up to `newest` and behind `start`, oldest first.
 * Reads at most `count` rows.
 */
export function latestEvents(
  sqlite: Sqlite,
  roomId: string,
  newest: number,
  start: number,
  count: number,
): RingRow[] {
  const oldest = Math.max(newest - Math.min(count, ringSize) + 1, start + 1);
  if (oldest > newest) return [];
  const [first, last] = [oldest % ringSize, newest % ringSize];
  const between = (from: number, to: number) =>
    sqlite.all<Raw>(
      `SELECT ${columns} FROM ring WHERE room_id = ? AND slot BETWEEN ? AND ?`,
      roomId,
      from,
      to,
    );
  const raw = first <= last ? between(first, last) : [...between(first, ringSize - 1), ...between(0, last)];
  return raw
    .filter((row) => row.roomPosition >= oldest && row.roomPosition <= newest)
    .sort((a, b) => a.roomPosition - b.roomPosition)
    .map((row) => ({ ...row, event: JSON.parse(row.event) as ClientEvent }));
}

/** What counting needs of the events of a room; does not parse them. */
export function eventMarks(sqlite: Sqlite, roomId: string): EventMark[] {
  return sqlite.all<EventMark>(
    `SELECT room_position AS roomPosition, position, event_id AS eventId, flags, thread_id AS threadId
     FROM ring WHERE room_id = ?`,
    roomId,
  );
}

/** The event at a position of the room, if it is still kept. */
export function eventAt(sqlite: Sqlite, roomId: string, roomPosition: number): ClientEvent | undefined {
  const raw = sqlite.get<{ event: string }>(
    'SELECT event FROM ring WHERE room_id = ? AND slot = ? AND room_position = ?',
    roomId,
    roomPosition % ringSize,
    roomPosition,
  );
  return raw && (JSON.parse(raw.event) as ClientEvent);
}

/** Takes the flags from an event, which therefore counts no more. @returns what it was; nothing if it had none */
export function unflagEvent(sqlite: Sqlite, roomId: string, eventId: string): EventMark | undefined {
  const mark = eventMarks(sqlite, roomId).find((known) => known.eventId === eventId);
  if (!mark || mark.flags === 0) return undefined;
  sqlite.run('UPDATE ring SET flags = 0 WHERE room_id = ? AND event_id = ?', roomId, eventId);
  return mark;
}

/** Events of a room that notify, with `position` < `before`, newest first. */
export function notifyingEvents(sqlite: Sqlite, roomId: string, before: number): RingRow[] {
  return sqlite
    .all<Raw>(
      `SELECT ${columns} FROM ring WHERE room_id = ? AND flags & 1 AND position < ? ORDER BY position DESC`,
      roomId,
      before,
    )
    .map((row) => ({ ...row, event: JSON.parse(row.event) as ClientEvent }));
}

/** Replaces the served form of an event, if the ring still has it. */
export function updateEvent(sqlite: Sqlite, roomId: string, event: ClientEvent): void {
  sqlite.run(
    'UPDATE ring SET event = ? WHERE room_id = ? AND event_id = ?',
    JSON.stringify(event),
    roomId,
    event.event_id,
  );
}

/** Room position of the newest event at or before a stream position, and that of the oldest event kept. */
export function ringPositionsAt(
  sqlite: Sqlite,
  roomId: string,
  position: number,
  start: number,
): { reached: number | null; oldest: number | null } {
  return (
    sqlite.get<{ reached: number | null; oldest: number | null }>(
      `SELECT max(CASE WHEN position <= ? THEN room_position END) AS reached, min(room_position) AS oldest
       FROM ring WHERE room_id = ? AND room_position > ?`,
      position,
      roomId,
      start,
    ) ?? { reached: null, oldest: null }
  );
}

export function deleteRingEvents(sqlite: Sqlite, roomId: string, roomPositions: readonly number[]): void {
  sqlite.run(
    'DELETE FROM ring WHERE room_id = ? AND room_position IN (SELECT value FROM json_each(?))',
    roomId,
    JSON.stringify(roomPositions),
  );
}

export function deleteRing(sqlite: Sqlite, roomId: string): void {
  sqlite.run('DELETE FROM ring WHERE room_id = ?', roomId);
}
