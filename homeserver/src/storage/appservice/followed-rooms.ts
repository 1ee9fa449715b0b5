import type { Sqlite } from '../../../../platform/sqlite.ts';

export interface FollowedRoom {
  position: number;
  /** Whether a user of the service is in the room; not known of a service that asks for no news of devices. */
  sharing: boolean | undefined;
}

/** @returns position 0 for a room of which nothing was queued yet */
export function readFollowedRoom(sqlite: Sqlite, roomId: string): FollowedRoom {
  const row = sqlite.get<{ position: number; sharing: number | null }>(
    'SELECT position, sharing FROM followed_rooms WHERE room_id = ?',
    roomId,
  );
  const sharing = row?.sharing ?? undefined;
  return { position: row?.position ?? 0, sharing: sharing === undefined ? undefined : sharing === 1 };
}

/** Whether there is a room of which is not known who is in it: the service asks for news of devices since then. */
export function hasUnknownMembers(sqlite: Sqlite): boolean {
  return sqlite.get('SELECT 1 FROM followed_rooms WHERE sharing IS NULL LIMIT 1') !== undefined;
}

export function writeFollowedRoom(sqlite: Sqlite, roomId: string, { position, sharing }: FollowedRoom): void {
  sqlite.run(
    `INSERT INTO followed_rooms (room_id, position, sharing) VALUES (?, ?, ?)
     ON CONFLICT (room_id) DO UPDATE SET position = excluded.position, sharing = excluded.sharing`,
    roomId,
    position,
    sharing === undefined ? null : Number(sharing),
  );
}
