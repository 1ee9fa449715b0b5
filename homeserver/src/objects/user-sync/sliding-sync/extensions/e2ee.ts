import type { JsonObject } from '../../../../../../matrix/json.ts';
import { deviceListsSince, keyCounts } from '../../encryption-info.ts';
import type { UserContext } from '../../user-context.ts';

/** Key counts always; changes of devices only to a client that continues. Counts alone are no news. */
export function e2eeExtension(
  user: UserContext,
  deviceId: string,
  since: number,
  isNew: boolean,
): { extension: JsonObject; empty: boolean } {
  const counts = keyCounts(user, deviceId);
  if (isNew) return { extension: counts, empty: true };
  const lists = deviceListsSince(user, since);
  const empty = lists.changed.length + lists.left.length === 0;
  return { extension: empty ? counts : { device_lists: lists, ...counts }, empty };
}
