import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite, SqlValue } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from './events.ts';

export function insertRelation(
  sqlite: Sqlite,
  relation: { targetId: string; relType: string; position: number },
): void {
  sqlite.run(
    'INSERT INTO relations (target_id, rel_type, position) VALUES (?, ?, ?)',
    relation.targetId,
    relation.relType,
    relation.position,
  );
}

/** Which of these events have relations at all. */
export function relatedTargets(sqlite: Sqlite, eventIds: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (let start = 0; start < eventIds.length; start += 90) {
    const chunk = eventIds.slice(start, start + 90);
    const rows = sqlite.all<{ target_id: string }>(
      `SELECT DISTINCT target_id FROM relations WHERE target_id IN (${chunk.map(() => '?').join(', ')})`,
      ...chunk,
    );
    for (const row of rows) found.add(row.target_id);
  }
  return found;
}

/** Count and newest position of the living relations of one kind. */
export function relationTotals(
  sqlite: Sqlite,
  targetId: string,
  relType: string,
): { count: number; newest: number } | undefined {
  const row = sqlite.get<{ count: number; newest: number | null }>(
    `SELECT COUNT(*) AS count, MAX(r.position) AS newest FROM relations r JOIN events e ON e.position = r.position
     WHERE r.target_id = ? AND r.rel_type = ? AND e.redacted_by IS NULL`,
    targetId,
    relType,
  );
  return row?.newest ? { count: row.count, newest: row.newest } : undefined;
}

export function hasRelationBy(sqlite: Sqlite, targetId: string, relType: string, sender: string): boolean {
  return (
    sqlite.get(
      `SELECT 1 FROM relations r JOIN events e ON e.position = r.position
       WHERE r.target_id = ? AND r.rel_type = ? AND e.sender = ? AND e.redacted_by IS NULL LIMIT 1`,
      targetId,
      relType,
      sender,
    ) !== undefined
  );
}

/** The edit that is in force: by the same sender, of the same type, the latest by its timestamp. */
export function newestEdit(sqlite: Sqlite, target: StoredEvent): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(
    `SELECT ${eventColumns} FROM relations r JOIN events e ON e.position = r.position
     WHERE r.target_id = ? AND r.rel_type = 'm.replace' AND e.sender = ? AND e.type = ?
       AND e.state_key IS NULL AND e.redacted_by IS NULL
     ORDER BY e.origin_server_ts DESC, e.event_id DESC LIMIT 1`,
    target.eventId,
    target.sender,
    target.type,
  );
  return row && fromEventRow(row);
}

export function referencingEvents(sqlite: Sqlite, targetId: string, limit: number): EventId[] {
  return sqlite
    .all<{ event_id: string }>(
      `SELECT e.event_id FROM relations r JOIN events e ON e.position = r.position
       WHERE r.target_id = ? AND r.rel_type = 'm.reference' AND e.redacted_by IS NULL
       ORDER BY r.position LIMIT ?`,
      targetId,
      limit,
    )
    .map((row) => row.event_id as EventId);
}

export interface RelationsFilter {
  targetId: string;
  relType?: string | undefined;
  eventType?: string | undefined;
  /** How many steps from the target are followed: 1 is its own relations. */
  maxDepth: number;
  after: number;
  upTo: number;
  dir: 'b' | 'f';
  limit: number;
}

/** Living relations of an event with `after < position <= upTo`, in the asked direction. */
export function relationsOf(sqlite: Sqlite, filter: RelationsFilter): StoredEvent[] {
  const conditions = ['e.redacted_by IS NULL', 'e.position > ?', 'e.position <= ?'];
  const bindings: SqlValue[] = [filter.targetId, filter.maxDepth, filter.after, filter.upTo];
  if (filter.relType !== undefined) {
    conditions.push('tree.rel_type = ?');
    bindings.push(filter.relType);
  }
  if (filter.eventType !== undefined) {
    conditions.push('e.type = ?');
    bindings.push(filter.eventType);
  }
  const order = filter.dir === 'b' ? 'DESC' : 'ASC';
  return sqlite
    .all<EventRow>(
      `WITH RECURSIVE tree (event_id, rel_type, position, depth) AS (
         SELECT ?, NULL, 0, 0
         UNION
         SELECT e.event_id, r.rel_type, e.position, tree.depth + 1
         FROM tree JOIN relations r ON r.target_id = tree.event_id JOIN events e ON e.position = r.position
         WHERE tree.depth < ?
       )
       SELECT DISTINCT ${eventColumns} FROM tree JOIN events e ON e.position = tree.position
       WHERE ${conditions.join(' AND ')} ORDER BY e.position ${order} LIMIT ?`,
      ...bindings,
      filter.limit,
    )
    .map(fromEventRow);
}
