import type { EventId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Pdu } from '../../protocol/pdu.ts';

/** A stretch of events: those with `after < position <= upTo`. */
export interface Range {
  after: number;
  upTo: number;
}

/** Rejected: by the rules. Soft-failed: allowed where it stands, but not by the state that is in force. */
export type EventVerdict = 'accepted' | 'rejected' | 'softFailed';

/** A place on a line of its own: see `lines.ts`. */
export interface LinePlace {
  line: number;
  step: number;
}

/** An event as it is stored. */
export interface StoredEvent {
  /** Positive in the timeline, else negative. */
  position: number;
  eventId: EventId;
  type: string;
  stateKey: string | undefined;
  sender: UserId;
  originServerTs: number;
  pdu: Pdu;
  verdict: EventVerdict;
  /** Absent on the room's own line, and for events that have no place in the graph (negative positions). */
  place: LinePlace | undefined;
  /** Of state events: greater than that of each of its auth events. */
  rank: number | undefined;
  /** The redaction that emptied it. */
  redactedBy: EventId | undefined;
  /** Events whose served form changed with this one: redacted, or aggregating it. */
  affects: EventId[];
  /** The request that made it. */
  transaction: { deviceId: string; txnId: string } | undefined;
}

export type EventRow = {
  position: number;
  event_id: string;
  type: string;
  state_key: string | null;
  sender: string;
  origin_server_ts: number;
  pdu: string;
  verdict: string | null;
  line: number | null;
  step: number | null;
  rank: number | null;
  redacted_by: string | null;
  affects: string | null;
  device_id: string | null;
  txn_id: string | null;
};

/** For queries that join `events` under the name `e`. */
export const eventColumns =
  'e.position, e.event_id, e.type, e.state_key, e.sender, e.origin_server_ts, e.pdu, e.verdict, e.line, e.step, e.rank, e.redacted_by, e.affects, e.device_id, e.txn_id';

export function fromEventRow(row: EventRow): StoredEvent {
  return {
    position: row.position,
    eventId: row.event_id as EventId,
    type: row.type,
    stateKey: row.state_key ?? undefined,
    sender: row.sender as UserId,
    originServerTs: row.origin_server_ts,
    pdu: JSON.parse(row.pdu) as Pdu,
    verdict: (row.verdict as EventVerdict | null) ?? 'accepted',
    place: row.line === null ? undefined : { line: row.line, step: row.step ?? 0 },
    rank: row.rank ?? undefined,
    redactedBy: (row.redacted_by as EventId | null) ?? undefined,
    affects: row.affects === null ? [] : (row.affects.split(' ') as EventId[]),
    transaction: row.txn_id === null ? undefined : { deviceId: row.device_id ?? '', txnId: row.txn_id },
  };
}

/**
 * @param cameMs when this server got it, whatever its date says
 * @param isOutbound other servers are to be told of it by this one
 */
export function insertEvent(sqlite: Sqlite, event: StoredEvent, cameMs: number, isOutbound = false): void {
  sqlite.run(
    `INSERT INTO events (position, event_id, type, state_key, sender, origin_server_ts, pdu, verdict, line, step, rank,
       redacted_by, affects, device_id, txn_id, came_ms, outbound)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    event.position,
    event.eventId,
    event.type,
    event.stateKey ?? null,
    event.sender,
    event.originServerTs,
    JSON.stringify(event.pdu),
    event.verdict === 'accepted' ? null : event.verdict,
    event.place?.line ?? null,
    event.place?.step ?? null,
    event.rank ?? null,
    event.redactedBy ?? null,
    event.affects.length > 0 ? event.affects.join(' ') : null,
    event.transaction?.deviceId ?? null,
    event.transaction?.txnId ?? null,
    cameMs,
    isOutbound ? 1 : null,
  );
}

/** The oldest events that other servers are to be told of, with `after < position <= upTo`. */
export function outboundEvents(sqlite: Sqlite, after: number, upTo: number, limit: number): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM events e INDEXED BY outbound_events
       WHERE e.outbound IS NOT NULL AND e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`,
      after,
      upTo,
      limit,
    )
    .map(fromEventRow);
}

/** Position of the last of them up to `upTo`; 0 if there is none. */
export function lastOutbound(sqlite: Sqlite, upTo: number): number {
  const row = sqlite.get<{ position: number }>(
    `SELECT position FROM events INDEXED BY outbound_events
     WHERE outbound IS NOT NULL AND position <= ? ORDER BY position DESC LIMIT 1`,
    upTo,
  );
  return row?.position ?? 0;
}

/** Position of the last event of the timeline; 0 in an empty room. */
export function newestPosition(sqlite: Sqlite): number {
  return sqlite.untilWritten('newest position', '', () => {
    const row = sqlite.get<{ position: number | null }>('SELECT MAX(position) AS position FROM events');
    return Math.max(0, row?.position ?? 0);
  });
}

/** Id of the last event of the timeline. */
export function newestEventId(sqlite: Sqlite): EventId | undefined {
  const row = sqlite.get<{ event_id: string }>(
    'SELECT event_id FROM events WHERE position > 0 ORDER BY position DESC LIMIT 1',
  );
  return row?.event_id as EventId | undefined;
}

/** A position outside of the timeline that no event has. */
export function nextHiddenPosition(sqlite: Sqlite): number {
  const row = sqlite.get<{ position: number | null }>('SELECT MIN(position) AS position FROM events');
  return Math.min(0, row?.position ?? 0) - 1;
}

export function eventById(sqlite: Sqlite, eventId: string): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(`SELECT ${eventColumns} FROM events e WHERE e.event_id = ?`, eventId);
  return row && fromEventRow(row);
}

export function eventAt(sqlite: Sqlite, position: number): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(`SELECT ${eventColumns} FROM events e WHERE e.position = ?`, position);
  return row && fromEventRow(row);
}

/** Those of the events that are there, in any order. */
export function eventsById(sqlite: Sqlite, eventIds: readonly string[]): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM json_each(?) wanted JOIN events e ON e.event_id = wanted.value`,
      JSON.stringify(eventIds),
    )
    .map(fromEventRow);
}

/** Those that are not there; what was purged was. */
export function unknownEvents(sqlite: Sqlite, eventIds: readonly EventId[]): EventId[] {
  return sqlite
    .all<{ id: string }>(
      `SELECT wanted.value AS id FROM json_each(?) wanted
       WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = wanted.value)
         AND NOT EXISTS (SELECT 1 FROM purged_events p WHERE p.event_id = wanted.value)`,
      JSON.stringify(eventIds),
    )
    .map((row) => row.id as EventId);
}

/** In any order. */
export function eventsAt(sqlite: Sqlite, positions: readonly number[]): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM json_each(?) wanted JOIN events e ON e.position = wanted.value`,
      JSON.stringify(positions),
    )
    .map(fromEventRow);
}

/** Their ids, in any order. */
export function idsAt(sqlite: Sqlite, positions: readonly number[]): EventId[] {
  return sqlite
    .all<{ event_id: string }>(
      'SELECT e.event_id FROM json_each(?) wanted JOIN events e ON e.position = wanted.value',
      JSON.stringify(positions),
    )
    .map((row) => row.event_id as EventId);
}

/** Greater than the ranks of all these events. */
export function rankAbove(sqlite: Sqlite, eventIds: readonly string[]): number {
  if (eventIds.length === 0) return 1;
  const row = sqlite.get<{ rank: number | null }>(
    'SELECT MAX(rank) AS rank FROM events WHERE event_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(eventIds),
  );
  return (row?.rank ?? 0) + 1;
}

/** The ranks of those of the events that are there and are state. */
export function ranksOf(sqlite: Sqlite, eventIds: readonly EventId[]): Map<EventId, number> {
  const rows = sqlite.all<{ event_id: string; rank: number }>(
    `SELECT e.event_id, e.rank FROM json_each(?) wanted JOIN events e ON e.event_id = wanted.value
     WHERE e.rank IS NOT NULL`,
    JSON.stringify(eventIds),
  );
  return new Map(rows.map((row) => [row.event_id as EventId, row.rank]));
}

export function eventOfTransaction(
  sqlite: Sqlite,
  key: { sender: string; deviceId: string; txnId: string; type: string },
): { eventId: EventId; position: number } | undefined {
  const row = sqlite.get<{ event_id: string; position: number }>(
    'SELECT event_id, position FROM events WHERE txn_id = ? AND device_id = ? AND sender = ? AND type = ?',
    key.txnId,
    key.deviceId,
    key.sender,
    key.type,
  );
  return row && { eventId: row.event_id as EventId, position: row.position };
}

/** The oldest events with `after < position <= upTo`, oldest first. */
export function eventsForward(sqlite: Sqlite, after: number, upTo: number, limit: number): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM events e WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`,
      after,
      upTo,
      limit,
    )
    .map(fromEventRow);
}

/** The newest events with `after < position <= upTo`, newest first. */
export function eventsBackward(sqlite: Sqlite, after: number, upTo: number, limit: number): StoredEvent[] {
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM events e WHERE e.position > ? AND e.position <= ?
       ORDER BY e.position DESC LIMIT ?`,
      after,
      upTo,
      limit,
    )
    .map(fromEventRow);
}

export function deleteEvent(sqlite: Sqlite, position: number): void {
  sqlite.run('DELETE FROM events WHERE position = ?', position);
}

/** Keeps only the redacted form; what was removed is gone for good. */
export function storeRedaction(sqlite: Sqlite, position: number, redacted: Pdu, redactedBy: EventId): void {
  sqlite.run(
    'UPDATE events SET pdu = ?, redacted_by = ? WHERE position = ? AND redacted_by IS NULL',
    JSON.stringify(redacted),
    redactedBy,
    position,
  );
}
