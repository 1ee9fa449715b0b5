import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';

/** What only administrators ask of the events: no index helps here, so each look is at a bounded stretch. */

/** Events of a user that are not state and not redacted, newest first. Reads the timeline until there are enough. */
export function messagesOf(sqlite: Sqlite, sender: string, limit: number): EventId[] {
  return sqlite
    .all<{ event_id: string }>(
      `SELECT event_id FROM events
       WHERE position > 0 AND sender = ? AND state_key IS NULL AND redacted_by IS NULL AND verdict IS NULL
         AND type <> 'm.room.redaction'
       ORDER BY position DESC LIMIT ?`,
      sender,
      limit,
    )
    .map((row) => row.event_id as EventId);
}

/** Files that events with `after < position < before` name, newest first, as they name them. */
export function filesBetween(sqlite: Sqlite, after: number, before: number): string[] {
  return sqlite
    .all<{ urls: string }>(
      `SELECT json_array(pdu ->> '$.content.url', pdu ->> '$.content.info.thumbnail_url') AS urls FROM events
       WHERE position > ? AND position < ? AND type IN ('m.room.message', 'm.sticker', 'm.room.avatar')
       ORDER BY position DESC`,
      after,
      before,
    )
    .flatMap((row) => JSON.parse(row.urls) as unknown[])
    .filter((url) => typeof url === 'string');
}

/** When an event came to this server (epoch ms). */
export function cameMs(sqlite: Sqlite, eventId: string): number | undefined {
  return sqlite.get<{ came_ms: number }>('SELECT came_ms FROM events WHERE event_id = ?', eventId)?.came_ms;
}
