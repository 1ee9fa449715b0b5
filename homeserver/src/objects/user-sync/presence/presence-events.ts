import type { JsonObject } from '../../../../../matrix/json.ts';
import { matchesEventFilter } from '../../../protocol/filter.ts';
import { presenceContent } from '../../../protocol/sync/presence.ts';
import { allPresence, presenceSince } from '../../../storage/user-sync/presence.ts';
import type { SyncRequest } from '../sync-v3/sync-request.ts';
import type { UserContext } from '../user-context.ts';

/** The section `presence` of `/sync`: what changed, at first those who are there. */
export function presenceEvents(
  user: UserContext,
  { initial, since, filter }: SyncRequest,
  nowMs: number,
): JsonObject[] {
  if (!user.presence) return [];
  const rows = initial
    ? allPresence(user.sqlite).filter(({ state }) => state !== 'offline')
    : presenceSince(user.sqlite, since);
  return rows
    .filter(({ userId }) => !user.known.ignoredUsers.has(userId))
    .map((row) => ({ type: 'm.presence', sender: row.userId, content: presenceContent(row, nowMs) }))
    .filter((event) => matchesEventFilter(event, filter.presence));
}
