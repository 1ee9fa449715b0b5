import type { UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `delayed_events`: what users want to be sent later. */
export interface DelayedRow {
  delayId: string;
  sender: UserId;
  type: string;
  stateKey: string | undefined;
  content: JsonObject;
  redacts: string | undefined;
  transaction: { deviceId: string; txnId: string } | undefined;
  originServerTs: number | undefined;
  delayMs: number;
  /** Epoch ms. */
  runningSinceMs: number;
}

type Row = {
  delay_id: string;
  sender: string;
  type: string;
  state_key: string | null;
  content: string;
  redacts: string | null;
  device_id: string | null;
  txn_id: string | null;
  origin_server_ts: number | null;
  delay_ms: number;
  running_since_ms: number;
};

const columns = `delay_id, sender, type, state_key, content, redacts, device_id, txn_id, origin_server_ts, delay_ms,
  running_since_ms`;

function fromRow(row: Row): DelayedRow {
  return {
    delayId: row.delay_id,
    sender: row.sender as UserId,
    type: row.type,
    stateKey: row.state_key ?? undefined,
    content: JSON.parse(row.content) as JsonObject,
    redacts: row.redacts ?? undefined,
    transaction: row.txn_id === null ? undefined : { deviceId: row.device_id ?? '', txnId: row.txn_id },
    originServerTs: row.origin_server_ts ?? undefined,
    delayMs: row.delay_ms,
    runningSinceMs: row.running_since_ms,
  };
}

export function insertDelayed(sqlite: Sqlite, row: DelayedRow): void {
  sqlite.run(
    `INSERT INTO delayed_events (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.delayId,
    row.sender,
    row.type,
    row.stateKey ?? null,
    JSON.stringify(row.content),
    row.redacts ?? null,
    row.transaction?.deviceId ?? null,
    row.transaction?.txnId ?? null,
    row.originServerTs ?? null,
    row.delayMs,
    row.runningSinceMs,
  );
}

export function findDelayed(sqlite: Sqlite, delayId: string): DelayedRow | undefined {
  const row = sqlite.get<Row>(`SELECT ${columns} FROM delayed_events WHERE delay_id = ?`, delayId);
  return row && fromRow(row);
}

export function restartDelayed(sqlite: Sqlite, delayId: string, nowMs: number): void {
  sqlite.run('UPDATE delayed_events SET running_since_ms = ? WHERE delay_id = ?', nowMs, delayId);
}

export function deleteDelayed(sqlite: Sqlite, delayId: string): void {
  sqlite.run('DELETE FROM delayed_events WHERE delay_id = ?', delayId);
}

/** Of a key of the state that somebody else has set. */
export function deleteDelayedState(sqlite: Sqlite, type: string, stateKey: string, setBy: string): void {
  sqlite.run(
    'DELETE FROM delayed_events WHERE type = ? AND state_key = ? AND sender <> ?',
    type,
    stateKey,
    setBy,
  );
}

/** The next first. */
export function delayedOf(sqlite: Sqlite, sender: string): DelayedRow[] {
  return sqlite
    .all<Row>(
      `SELECT ${columns} FROM delayed_events WHERE sender = ? ORDER BY running_since_ms + delay_ms, delay_id`,
      sender,
    )
    .map(fromRow);
}

export function countDelayed(sqlite: Sqlite, sender: string): number {
  const row = sqlite.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM delayed_events WHERE sender = ?',
    sender,
  );
  return row?.count ?? 0;
}

/** Those whose time has come, the oldest first. */
export function dueDelayed(sqlite: Sqlite, nowMs: number, limit: number): DelayedRow[] {
  return sqlite
    .all<Row>(
      `SELECT ${columns} FROM delayed_events WHERE running_since_ms + delay_ms <= ?
       ORDER BY running_since_ms + delay_ms, delay_id LIMIT ?`,
      nowMs,
      limit,
    )
    .map(fromRow);
}

/** When the next one is due, in epoch ms. */
export function nextDelayedMs(sqlite: Sqlite): number | undefined {
  const row = sqlite.get<{ due_ms: number | null }>(
    'SELECT MIN(running_since_ms + delay_ms) AS due_ms FROM delayed_events',
  );
  return row?.due_ms ?? undefined;
}
