import type { UserId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { RemoteUserId } from '../../remote-ids.ts';

export interface Member {
  userId: UserId;
  joined: boolean;
  /** When the ghost's profile was last compared with the network's. */
  checkedMs: number;
}

/** Ghosts that the portal has met: a cache of the room's membership and of the puppet directory. */
export class Members {
  readonly #sqlite: Sqlite;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  get(remoteUserId: RemoteUserId): Member | undefined {
    const row = this.#sqlite.get<{ user_id: string; joined: number; checked_ms: number }>(
      'SELECT user_id, joined, checked_ms FROM members WHERE remote_user_id = ?',
      remoteUserId,
    );
    return row && { userId: row.user_id as UserId, joined: row.joined === 1, checkedMs: row.checked_ms };
  }

  put(remoteUserId: RemoteUserId, { userId, joined, checkedMs }: Member): void {
    this.#sqlite.run(
      `INSERT INTO members (remote_user_id, user_id, joined, checked_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (remote_user_id) DO UPDATE
       SET user_id = excluded.user_id, joined = excluded.joined, checked_ms = excluded.checked_ms`,
      remoteUserId,
      userId,
      joined ? 1 : 0,
      checkedMs,
    );
  }

  setJoined(userId: string, joined: boolean): void {
    this.#sqlite.run('UPDATE members SET joined = ? WHERE user_id = ?', joined ? 1 : 0, userId);
  }
}
