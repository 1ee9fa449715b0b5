import type { Sqlite } from './sqlite.ts';

/** Does one piece of due work; returns when it is due again (epoch ms), or nothing when it is done. */
export type DueHandler = () => Promise<number | undefined>;

/**
 * Multiplexes an object's single alarm over named pieces of due work, kept in the table
 * `due_work (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL) WITHOUT ROWID` that the object's first
 * migration makes. Handlers are idempotent: after a crash the alarm runs them again.
 */
export class DueWork {
  readonly #sqlite: Sqlite;
  /** Pieces whose handler is running, with the earliest time asked for meanwhile. */
  readonly #running = new Map<string, number>();

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Makes `name` due at `dueMs` at the latest. Writes only if that is earlier than what is known. */
  schedule(name: string, dueMs: number): void {
    const asked = this.#running.get(name);
    if (asked !== undefined) {
      this.#running.set(name, Math.min(asked, dueMs));
      return;
    }
    const known = this.#sqlite.get<{ due_ms: number }>('SELECT due_ms FROM due_work WHERE name = ?', name);
    if (known && known.due_ms <= dueMs) return;
    this.#put(name, dueMs);
    this.#arm();
  }

  /**
   * For the `alarm` handler. While a handler runs its piece stays due at `nowMs + retryMs`, so that a crash
   * or an exception repeats it; the exception is reported through `onError` and stops nothing else.
   */
  async run(
    nowMs: number,
    handlers: Record<string, DueHandler>,
    onError: (name: string, error: unknown) => void,
    retryMs = 5_000,
  ): Promise<void> {
    this.#sqlite.noteAlarm();
    const due = this.#sqlite.all<{ name: string }>('SELECT name FROM due_work WHERE due_ms <= ?', nowMs);
    for (const { name } of due) {
      if (this.#running.has(name)) continue;
      this.#put(name, nowMs + retryMs);
      this.#running.set(name, Number.POSITIVE_INFINITY);
      let next: number | undefined = nowMs + retryMs;
      try {
        next = await handlers[name]?.();
      } catch (error) {
        onError(name, error);
      }
      const dueMs = Math.min(
        this.#running.get(name) ?? Number.POSITIVE_INFINITY,
        next ?? Number.POSITIVE_INFINITY,
      );
      this.#running.delete(name);
      if (Number.isFinite(dueMs)) this.#put(name, dueMs);
      else this.#sqlite.run('DELETE FROM due_work WHERE name = ?', name);
    }
    this.#arm();
  }

  #put(name: string, dueMs: number): void {
    this.#sqlite.run(
      'INSERT INTO due_work (name, due_ms) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET due_ms = excluded.due_ms',
      name,
      dueMs,
    );
  }

  #arm(): void {
    const next = this.#sqlite.get<{ due_ms: number | null }>('SELECT MIN(due_ms) AS due_ms FROM due_work');
    if (next?.due_ms != null) this.#sqlite.setAlarm(next.due_ms);
  }
}
