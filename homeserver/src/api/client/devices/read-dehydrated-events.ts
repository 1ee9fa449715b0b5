import * as v from 'valibot';
import { forbidden } from '../../../../../matrix/errors.ts';
import type { DeviceId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { UserSyncRpc } from '../../../objects/user-sync-rpc.ts';

/** As many as syncs bring. */
const maxEvents = 100;

/** `next_batch` of the page before. */
export const pageToken = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/, 'not a token of ours'));

/** @throws `M_FORBIDDEN` if this is not the user's dehydrated device */
export async function readDehydratedEvents(
  user: UserSyncRpc,
  deviceId: string | undefined,
  from = '0',
  limit = maxEvents,
): Promise<{ events: JsonObject[]; next_batch: string }> {
  const page = await user.readInbox((deviceId ?? '') as DeviceId, Number(from), Math.min(limit, maxEvents));
  if (!page) throw forbidden('This is not your dehydrated device');
  return { events: page.events, next_batch: String(page.end) };
}
