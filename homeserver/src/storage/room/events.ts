import type { EventId, UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Pdu } from '../../protocol/pdu.ts';

/** A stretch of events: those with `after < position <= upTo`. */
export interface Range {
  after: number;
  upTo: number;
}

/** An accepted event as it is stored. */
export interface StoredEvent {
  position: number;
  eventId: EventId;
  type: string;
  stateKey: string | undefined;
  sender: UserId;
  originServerTs: number;
  pdu: Pdu;
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
  redacted_by: string | null;
  affects: string | null;
  device_id: string | null;
  txn_id: string | null;
};

/** For queries that join `events` under the name `e`. */
export const eventColumns =
  'e.position, e.event_id, e.type, e.state_key, e.sender, e.origin_server_ts, e.pdu, e.redacted_by, e.affects, e.device_id, e.txn_id';

export function fromEventRow(row: EventRow): StoredEvent {
  return {
    position: row.position,
    eventId: row.event_id as EventId,
    type: row.type,
    stateKey: row.state_key ?? undefined,
    sender: row.sender as UserId,
    originServerTs: row.origin_server_ts,
    pdu: JSON.parse(row.pdu) as Pdu,
    redactedBy: (row.redacted_by as EventId | null) ?? undefined,
    affects: row.affects === null ? [] : (row.affects.split(' ') as EventId[]),
    transaction: row.txn_id === null ? undefined : { deviceId: row.device_id ?? '', txnId: row.txn_id },
  };
}

export function insertEvent(sqlite: Sqlite, event: StoredEvent): void {
  sqlite.run(
    `INSERT INTO events (position, event_id, type, state_key, sender, origin_server_ts, pdu, affects, device_id, txn_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    event.position,
    event.eventId,
    event.type,
    event.stateKey ?? null,
    event.sender,
    event.originServerTs,
    JSON.stringify(event.pdu),
    event.affects.length > 0 ? event.affects.join(' ') : null,
    event.transaction?.deviceId ?? null,
    event.transaction?.txnId ?? null,
  );
}

/** Position of the last event; 0 in an empty room. */
export function newestPosition(sqlite: Sqlite): number {
  const row = sqlite.get<{ position: number | null }>('SELECT MAX(position) AS position FROM events');
  return row?.position ?? 0;
}

export function eventById(sqlite: Sqlite, eventId: string): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(`SELECT ${eventColumns} FROM events e WHERE e.event_id = ?`, eventId);
  return row && fromEventRow(row);
}

export function eventAt(sqlite: Sqlite, position: number): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(`SELECT ${eventColumns} FROM events e WHERE e.position = ?`, position);
  return row && fromEventRow(row);
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

/** Keeps only the redacted form; what was removed is gone for good. */
export function storeRedaction(sqlite: Sqlite, position: number, redacted: Pdu, redactedBy: EventId): void {
  sqlite.run(
    'UPDATE events SET pdu = ?, redacted_by = ? WHERE position = ? AND redacted_by IS NULL',
    JSON.stringify(redacted),
    redactedBy,
    position,
  );
}
