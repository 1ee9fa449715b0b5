import type { Sqlite } from '../../../../platform/sqlite.ts';
import { asRemoteUserId, type RemoteUserId } from '../../../core/remote-ids.ts';

export interface StaleProfile {
  userId: RemoteUserId;
  changedMs: number;
}

/** People whose name or picture changed, until their ghosts are brought into line. */
export class StaleProfiles {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** @returns whether it is the only one: work on the others is under way */
  add(userId: RemoteUserId, nowMs: number): boolean {
    const isFirst = this.next() === undefined;
    this.#sqlite.run(
      `INSERT INTO stale_profiles (user_id, changed_ms) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET changed_ms = excluded.changed_ms`,
      userId,
      nowMs,
    );
    return isFirst;
  }

  next(): StaleProfile | undefined {
    const row = this.#sqlite.get<{ user_id: string; changed_ms: number }>(
      'SELECT user_id, changed_ms FROM stale_profiles LIMIT 1',
    );
    return row && { userId: asRemoteUserId(row.user_id), changedMs: row.changed_ms };
  }

  /** Unless it has changed again. */
  remove({ userId, changedMs }: StaleProfile): void {
    this.#sqlite.run('DELETE FROM stale_profiles WHERE user_id = ? AND changed_ms = ?', userId, changedMs);
  }

  clear(): void {
    this.#sqlite.run('DELETE FROM stale_profiles');
  }
}
