import type { Sqlite } from '../../../../platform/sqlite.ts';
import { keysInPortions, type StateKey } from './state.ts';

/**
 * Tables `lines` and `line_state`: the state of events that have a line of their own, as what differs from the line
 * that theirs left. See docs/storage/room.md, "Lines".
 */
export interface Line {
  line: number;
  /** 0: the room's own line. */
  parent: number;
  /** On the parent: a position of the timeline if that is the room's own line, else as `at` in `line_state`. */
  parentAt: number;
  /** Lines between this one and the room's own, this one included. */
  depth: number;
  /** Events on it. */
  steps: number;
}

type LineRow = { line: number; parent: number; parent_at: number; depth: number; steps: number };

export function findLine(sqlite: Sqlite, line: number): Line {
  const row = sqlite.get<LineRow>(
    'SELECT line, parent, parent_at, depth, steps FROM lines WHERE line = ?',
    line,
  );
  if (!row) throw new Error(`no line ${line}`);
  return {
    line: row.line,
    parent: row.parent,
    parentAt: row.parent_at,
    depth: row.depth,
    steps: row.steps,
  };
}

/** @returns its number */
export function insertLine(sqlite: Sqlite, { parent, parentAt, depth, steps }: Omit<Line, 'line'>): number {
  const row = sqlite.get<{ line: number | null }>('SELECT MAX(line) AS line FROM lines');
  const line = (row?.line ?? 0) + 1;
  sqlite.run(
    'INSERT INTO lines (line, parent, parent_at, depth, steps) VALUES (?, ?, ?, ?, ?)',
    line,
    parent,
    parentAt,
    depth,
    steps,
  );
  return line;
}

export function setLineSteps(sqlite: Sqlite, line: number, steps: number): void {
  sqlite.run('UPDATE lines SET steps = ? WHERE line = ?', steps, line);
}

/** @param position absent: the key is set no more */
export function setLineState(
  sqlite: Sqlite,
  line: number,
  { type, stateKey }: StateKey,
  at: number,
  position: number | undefined,
): void {
  sqlite.run(
    'INSERT INTO line_state (line, type, state_key, at, position) VALUES (?, ?, ?, ?, ?)',
    line,
    type,
    stateKey,
    at,
    position ?? null,
  );
}

/** What the line itself says of a key; nothing if that is as on its parent. */
export function lineStatePosition(
  sqlite: Sqlite,
  line: number,
  { type, stateKey }: StateKey,
  at: number,
): { position: number | undefined } | undefined {
  const row = sqlite.get<{ position: number | null }>(
    `SELECT position FROM line_state WHERE line = ? AND type = ? AND state_key = ? AND at <= ?
     ORDER BY at DESC LIMIT 1`,
    line,
    type,
    stateKey,
    at,
  );
  return row && { position: row.position ?? undefined };
}

/** The same for many keys, in their order. */
export function lineStatePositions(
  sqlite: Sqlite,
  line: number,
  keys: readonly StateKey[],
  at: number,
): ({ position: number | undefined } | undefined)[] {
  return keysInPortions(keys).flatMap((portion) =>
    sqlite
      .all<{ position: number | null }>(
        // No event is at 0.
        `SELECT (SELECT IFNULL(position, 0) FROM line_state
                 WHERE line = ? AND type = value ->> 0 AND state_key = value ->> 1 AND at <= ?
                 ORDER BY at DESC LIMIT 1) AS position
         FROM json_each(?) ORDER BY key`,
        line,
        at,
        portion,
      )
      .map(({ position }) => (position === null ? undefined : { position: position || undefined })),
  );
}

/** The keys that the line sets with `after < at <= upTo`. */
export function lineKeysChanged(sqlite: Sqlite, line: number, after: number, upTo: number): StateKey[] {
  return sqlite
    .all<{ type: string; state_key: string }>(
      'SELECT DISTINCT type, state_key FROM line_state WHERE line = ? AND at > ? AND at <= ?',
      line,
      after,
      upTo,
    )
    .map((row) => ({ type: row.type, stateKey: row.state_key }));
}

/** Where the line last says something up to `at`. */
export function lastLineChange(sqlite: Sqlite, line: number, at: number): number | undefined {
  const row = sqlite.get<{ at: number | null }>(
    'SELECT MAX(at) AS at FROM line_state WHERE line = ? AND at <= ?',
    line,
    at,
  );
  return row?.at ?? undefined;
}

/** All that the line itself says, as of `at`. */
export function lineStateAt(
  sqlite: Sqlite,
  line: number,
  at: number,
): (StateKey & { position: number | undefined })[] {
  return sqlite
    .all<{ type: string; state_key: string; position: number | null; at: number }>(
      `SELECT type, state_key, position, MAX(at) AS at FROM line_state WHERE line = ? AND at <= ?
       GROUP BY type, state_key`,
      line,
      at,
    )
    .map((row) => ({ type: row.type, stateKey: row.state_key, position: row.position ?? undefined }));
}
