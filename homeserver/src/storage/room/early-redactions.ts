import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

/** Redactions that came before what they redact, as far as this server has it. */
export function putEarlyRedaction(sqlite: Sqlite, targetId: string, redactionId: EventId): void {
  sqlite.run('INSERT INTO early_redactions (target_id, redaction_id) VALUES (?, ?)', targetId, redactionId);
}

/** The target has come: it is waited for no more. */
export function takeEarlyRedactions(sqlite: Sqlite, targetId: EventId): StoredEvent[] {
  const redactions = sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM early_redactions r JOIN events e ON e.event_id = r.redaction_id
       WHERE r.target_id = ? ORDER BY e.position`,
      targetId,
    )
    .map(fromEventRow);
  if (redactions.length > 0) sqlite.run('DELETE FROM early_redactions WHERE target_id = ?', targetId);
  return redactions;
}
