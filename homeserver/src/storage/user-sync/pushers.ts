import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** Table `pushers`: where notifications of this user go. */

export interface PusherRow {
  pusher: number;
  appId: string;
  pushkey: string;
  deviceId: DeviceId;
  /** Epoch ms. */
  setMs: number;
  /** What the client set besides, by the names of the specification. */
  details: JsonObject;
  toldUnread: number;
  failures: number;
  failingSinceMs: number | null;
  /** Not to be asked before. */
  nextMs: number;
}

type Raw = Omit<PusherRow, 'details'> & { details: string };

const columns = `pusher, app_id AS appId, pushkey, device_id AS deviceId, set_ms AS setMs, details,
  told_unread AS toldUnread, failures, failing_since_ms AS failingSinceMs, next_ms AS nextMs`;

const parse = (raw: Raw): PusherRow => ({ ...raw, details: JSON.parse(raw.details) as JsonObject });

export function listPushers(sqlite: Sqlite): PusherRow[] {
  return sqlite.all<Raw>(`SELECT ${columns} FROM pushers ORDER BY pusher`).map(parse);
}

/** Those that are told anything: a client may switch one off (MSC3881). */
export function activePushers(sqlite: Sqlite): PusherRow[] {
  return listPushers(sqlite).filter(({ details }) => details['org.matrix.msc3881.enabled'] !== false);
}

export function findPusher(sqlite: Sqlite, pusher: number): PusherRow | undefined {
  const raw = sqlite.get<Raw>(`SELECT ${columns} FROM pushers WHERE pusher = ?`, pusher);
  return raw && parse(raw);
}

/** Makes or replaces the pusher of this app and key; one that is replaced is tried again at once. */
export function putPusher(
  sqlite: Sqlite,
  row: Pick<PusherRow, 'appId' | 'pushkey' | 'deviceId' | 'setMs' | 'details'>,
): void {
  sqlite.run(
    `INSERT INTO pushers (app_id, pushkey, device_id, set_ms, details) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (app_id, pushkey) DO UPDATE SET device_id = excluded.device_id, set_ms = excluded.set_ms,
       details = excluded.details, failures = 0, failing_since_ms = NULL, next_ms = 0`,
    row.appId,
    row.pushkey,
    row.deviceId,
    row.setMs,
    JSON.stringify(row.details),
  );
}

export function setToldUnread(sqlite: Sqlite, pusher: number, unread: number): void {
  sqlite.run('UPDATE pushers SET told_unread = ? WHERE pusher = ?', unread, pusher);
}

export function setHealth(
  sqlite: Sqlite,
  pusher: number,
  { failures, failingSinceMs, nextMs }: Pick<PusherRow, 'failures' | 'failingSinceMs' | 'nextMs'>,
): void {
  sqlite.run(
    'UPDATE pushers SET failures = ?, failing_since_ms = ?, next_ms = ? WHERE pusher = ?',
    failures,
    failingSinceMs,
    nextMs,
    pusher,
  );
}

export function deletePusherRow(sqlite: Sqlite, pusher: number): void {
  sqlite.run('DELETE FROM pushers WHERE pusher = ?', pusher);
}
