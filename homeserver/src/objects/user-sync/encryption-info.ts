import type { UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { deviceListsBetween } from '../../storage/user-sync/device-lists.ts';
import { readKeyCounts } from '../../storage/user-sync/devices.ts';
import type { UserContext } from './user-context.ts';

/** Whose devices changed and who is gone, with `since` < position ≤ `to`. */
export function deviceListsSince(
  user: UserContext,
  since: number,
  to: number = user.stream.last,
): { changed: UserId[]; left: UserId[] } {
  const rows = deviceListsBetween(user.sqlite, since, to);
  return {
    changed: rows.filter((row) => row.gone === 0).map((row) => row.userId),
    left: rows.filter((row) => row.gone === 1).map((row) => row.userId),
  };
}

/**
 * Members of every answer. `signed_curve25519` is there even when it is 0: without it, clients believe that
 * the server does not count.
 */
export function keyCounts(user: UserContext, deviceId: string): JsonObject {
  const row = readKeyCounts(user.sqlite, deviceId);
  const counts = row ? (JSON.parse(row.counts) as JsonObject) : {};
  return {
    device_one_time_keys_count: { signed_curve25519: 0, ...counts },
    device_unused_fallback_key_types: row ? (JSON.parse(row.fallbackTypes) as string[]) : [],
  };
}
