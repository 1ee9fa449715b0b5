import type { EventId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../../matrix/json.ts';
import type { Sqlite } from '../../../../../platform/sqlite.ts';
import type { StoredEvent } from '../../../storage/room/events.ts';
import { maxRelationDepth } from '../../../storage/room/relations.ts';

type Row = { target_id: string; position: number; depth: number; rel_type: string };

const textOf = ({ target_id, position, depth, rel_type }: Row) =>
  `${rel_type} of ${position} to ${target_id}, depth ${depth}`;

/** What the tables of relations and threads have and should not, or should have and have not. */
export function relationProblems(
  sqlite: Sqlite,
  events: ReadonlyMap<EventId, StoredEvent>,
  purged: ReadonlySet<string>,
): string[] {
  const rows = sqlite.all<Row>('SELECT target_id, position, depth, rel_type FROM relations');
  const stored = new Set(rows.map(textOf));
  const problems: string[] = [];
  const replies = new Map<string, number>();
  const expected = new Set<string>();
  for (const event of events.values()) {
    if (event.position < 0 || event.redactedBy !== undefined) continue;
    for (const row of relationRows(event, events, purged)) {
      expected.add(textOf(row));
      if (!stored.has(textOf(row))) problems.push(`no ${textOf(row)}`);
      if (row.depth === 1 && row.rel_type === 'm.thread') {
        replies.set(row.target_id, (replies.get(row.target_id) ?? 0) + 1);
      }
    }
  }
  // Deeper rows may stay of the time before something between was redacted.
  for (const row of rows) {
    if (row.depth === 1 && !expected.has(textOf(row))) problems.push(`wrong ${textOf(row)}`);
  }
  for (const row of sqlite.all<{ root_id: string; replies: number; latest: number | null }>(
    'SELECT * FROM threads',
  )) {
    const ofThread = rows.filter(
      (one) => one.target_id === row.root_id && one.depth === 1 && one.rel_type === 'm.thread',
    );
    const latest = ofThread.length > 0 ? Math.max(...ofThread.map(({ position }) => position)) : null;
    if (row.latest !== latest)
      problems.push(`${row.root_id} has its latest reply at ${row.latest}, not ${latest}`);

    const count = replies.get(row.root_id) ?? 0;
    if (row.replies !== count) problems.push(`${row.replies} replies to ${row.root_id} instead of ${count}`);
    replies.delete(row.root_id);
  }
  for (const rootId of replies.keys()) problems.push(`no thread of ${rootId}`);
  return problems;
}

function relationRows(
  event: StoredEvent,
  events: ReadonlyMap<EventId, StoredEvent>,
  purged: ReadonlySet<string>,
): Row[] {
  const rows: Row[] = [];
  let relation = relationOf(event);
  const relType = relation?.relType;
  while (relation && relType !== undefined && rows.length < maxRelationDepth) {
    const { targetId } = relation;
    if (purged.has(targetId)) break;
    rows.push({ target_id: targetId, position: event.position, depth: rows.length + 1, rel_type: relType });
    const target = events.get(targetId as EventId);
    relation = target && target.position > 0 ? relationOf(target) : undefined;
  }
  return rows;
}

function relationOf({ pdu, stateKey }: StoredEvent): { targetId: string; relType: string } | undefined {
  const relation = pdu.content['m.relates_to'];
  if (!isJsonObject(relation) || stateKey !== undefined) return undefined;
  const { event_id: targetId, rel_type: relType } = relation;
  return typeof targetId === 'string' && typeof relType === 'string' ? { targetId, relType } : undefined;
}
