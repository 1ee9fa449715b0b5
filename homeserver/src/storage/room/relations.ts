import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Sqlite, SqlValue } from '../../../../platform/sqlite.ts';
import { type EventRow, eventColumns, fromEventRow, type Range, type StoredEvent } from './events.ts';

/** Relations of relations are kept this far: a reaction to the edit of a reply belongs to the thread, too. */
export const maxRelationDepth = 3;

export interface Relation {
  targetId: EventId;
  relType: string;
}

/** Takes the ranges as JSON. */
const inRanges =
  "EXISTS (SELECT 1 FROM json_each(?) WHERE r.position > value ->> 'after' AND r.position <= value ->> 'upTo')";

/** Of the thread of `root_id`. */
const latestReply = `SELECT position FROM relations INDEXED BY relations_by_type
  WHERE target_id = root_id AND rel_type = 'm.thread' AND depth = 1 ORDER BY position DESC LIMIT 1`;

type Related = Pick<StoredEvent, 'position' | 'sender' | 'originServerTs'>;

/** @param ancestors what the event relates to, what that relates to, and so on: nearest first */
export function insertRelations(sqlite: Sqlite, ancestors: readonly Relation[], event: Related): void {
  const [own] = ancestors;
  if (!own) return;
  for (const [index, { targetId }] of ancestors.entries()) {
    sqlite.run(
      `INSERT INTO relations (target_id, position, depth, rel_type, sender, origin_server_ts)
       VALUES (?, ?, ?, ?, ?, ?)`,
      targetId,
      event.position,
      index + 1,
      own.relType,
      event.sender,
      event.originServerTs,
    );
  }
  if (own.relType !== 'm.thread') return;
  sqlite.run(
    `INSERT INTO threads (root_id, replies, latest) VALUES (?, 1, ?) ON CONFLICT (root_id) DO UPDATE
     SET replies = replies + 1, latest = MAX(IFNULL(latest, 0), excluded.latest)`,
    own.targetId,
    event.position,
  );
}

/**
 * For an event that came after those that relate to it: they relate through it to what it relates to.
 * @param ancestors of the event that came
 */
export function extendRelations(sqlite: Sqlite, eventId: string, ancestors: readonly Relation[]): void {
  for (const [index, { targetId }] of ancestors.entries()) {
    sqlite.run(
      `INSERT OR IGNORE INTO relations (target_id, position, depth, rel_type, sender, origin_server_ts)
       SELECT ?1, position, depth + ?2, rel_type, sender, origin_server_ts FROM relations
       WHERE target_id = ?3 AND depth + ?2 <= ?4`,
      targetId,
      index + 1,
      eventId,
      maxRelationDepth,
    );
  }
}

/** For an event that is redacted. @param ancestors as they were when it was inserted */
export function deleteRelations(sqlite: Sqlite, ancestors: readonly Relation[], position: number): void {
  for (const { targetId } of ancestors) {
    sqlite.run('DELETE FROM relations WHERE target_id = ? AND position = ?', targetId, position);
  }
  const [own] = ancestors;
  if (own?.relType !== 'm.thread') return;
  sqlite.run('UPDATE threads SET replies = replies - 1 WHERE root_id = ?', own.targetId);
  sqlite.run(
    `UPDATE threads SET latest = (${latestReply}) WHERE root_id = ? AND latest = ?`,
    own.targetId,
    position,
  );
}

/** For an event that is purged: nothing relates to it any more. */
export function deleteRelationsTo(sqlite: Sqlite, targetId: string): void {
  sqlite.run('DELETE FROM relations WHERE target_id = ?', targetId);
  sqlite.run('DELETE FROM threads WHERE root_id = ?', targetId);
}

/** Which of these events have relations at all. */
export function relatedTargets(sqlite: Sqlite, eventIds: readonly string[]): Set<string> {
  const rows = sqlite.all<{ target_id: string }>(
    `SELECT value AS target_id FROM json_each(?)
     WHERE EXISTS (SELECT 1 FROM relations WHERE target_id = value)`,
    JSON.stringify(eventIds),
  );
  return new Set(rows.map((row) => row.target_id));
}

/**
 * How many replies of a thread lie in these ranges, and the position of the latest. To those who see the whole
 * thread the number is told without counting.
 */
export function threadTotals(
  sqlite: Sqlite,
  root: Pick<StoredEvent, 'eventId' | 'position'>,
  ranges: readonly Range[],
): { count: number; latest: number } | undefined {
  const thread = sqlite.get<{ replies: number; latest: number | null }>(
    'SELECT replies, latest FROM threads WHERE root_id = ?',
    root.eventId,
  );
  const latest = thread?.latest;
  if (!thread || !latest) return undefined;
  if (ranges.some(({ after, upTo }) => after < root.position && latest <= upTo)) {
    return { count: thread.replies, latest };
  }
  const seen = sqlite.get<{ count: number; latest: number | null }>(
    `SELECT COUNT(*) AS count, MAX(r.position) AS latest FROM relations r
     WHERE r.target_id = ? AND r.rel_type = 'm.thread' AND r.depth = 1 AND ${inRanges}`,
    root.eventId,
    JSON.stringify(ranges),
  );
  return seen?.latest ? { count: seen.count, latest: seen.latest } : undefined;
}

/** @param sender absent: by anybody */
export function hasRelation(
  sqlite: Sqlite,
  targetId: string,
  relType: string,
  ranges: readonly Range[],
  sender?: string,
): boolean {
  return (
    sqlite.get(
      `SELECT 1 FROM relations r WHERE r.target_id = ? AND r.rel_type = ? AND r.depth = 1 AND ${inRanges}
       ${sender === undefined ? '' : 'AND r.sender = ?'} LIMIT 1`,
      targetId,
      relType,
      JSON.stringify(ranges),
      ...(sender === undefined ? [] : [sender]),
    ) !== undefined
  );
}

/** Whether such an annotation lives. */
export function hasAnnotated(
  sqlite: Sqlite,
  targetId: string,
  { sender, type, key }: { sender: string; type: string; key: string },
): boolean {
  return (
    sqlite.get(
      `SELECT 1 FROM relations r INDEXED BY relations_by_sender JOIN events e ON e.position = r.position
       WHERE r.target_id = ? AND r.rel_type = 'm.annotation' AND r.depth = 1 AND r.sender = ? AND e.type = ?
         AND e.redacted_by IS NULL AND json_extract(e.pdu, '$.content."m.relates_to".key') = ? LIMIT 1`,
      targetId,
      sender,
      type,
      key,
    ) !== undefined
  );
}

/**
 * The edit that is in force: the latest by its timestamp of those by the same sender, of the same type, that say
 * what is new (encrypted ones say it inside). Client-server API, "Validity of replacement events".
 */
export function newestEdit(
  sqlite: Sqlite,
  target: StoredEvent,
  ranges: readonly Range[],
): StoredEvent | undefined {
  const row = sqlite.get<EventRow>(
    `SELECT ${eventColumns} FROM relations r JOIN events e ON e.position = r.position
     WHERE r.target_id = ? AND r.rel_type = 'm.replace' AND r.depth = 1 AND r.sender = ? AND e.type = ?
       AND (e.type = 'm.room.encrypted' OR json_type(e.pdu, '$.content."m.new_content"') = 'object')
       AND ${inRanges}
     ORDER BY r.origin_server_ts DESC, e.event_id DESC LIMIT 1`,
    target.eventId,
    target.sender,
    target.type,
    JSON.stringify(ranges),
  );
  return row && fromEventRow(row);
}

export function referencingEvents(
  sqlite: Sqlite,
  targetId: string,
  ranges: readonly Range[],
  limit: number,
): EventId[] {
  return sqlite
    .all<{ event_id: string }>(
      `SELECT e.event_id FROM relations r INDEXED BY relations_by_type JOIN events e ON e.position = r.position
       WHERE r.target_id = ? AND r.rel_type = 'm.reference' AND r.depth = 1 AND ${inRanges}
       ORDER BY r.position LIMIT ?`,
      targetId,
      JSON.stringify(ranges),
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
  // An event that relates through one that was redacted before it keeps its rows when it is redacted, too.
  const conditions = [
    'r.target_id = ?',
    'r.position > ?',
    'r.position <= ?',
    'r.depth <= ?',
    'e.redacted_by IS NULL',
  ];
  const bindings: SqlValue[] = [filter.targetId, filter.after, filter.upTo, filter.maxDepth];
  if (filter.relType !== undefined) {
    conditions.push('r.rel_type = ?');
    bindings.push(filter.relType);
  }
  if (filter.eventType !== undefined) {
    conditions.push('e.type = ?');
    bindings.push(filter.eventType);
  }
  const order = filter.dir === 'b' ? 'DESC' : 'ASC';
  const index = filter.relType === undefined ? '' : 'INDEXED BY relations_by_type';
  return sqlite
    .all<EventRow>(
      `SELECT ${eventColumns} FROM relations r ${index} JOIN events e ON e.position = r.position
       WHERE ${conditions.join(' AND ')} ORDER BY r.position ${order} LIMIT ?`,
      ...bindings,
      filter.limit,
    )
    .map(fromEventRow);
}
