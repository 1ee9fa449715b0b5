import type { DeviceId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { addInbox, listInboxes, removeInbox } from '../../storage/user-sync/dehydrated-inboxes.ts';
import { findDevice } from '../../storage/user-sync/devices.ts';
import { deleteToDeviceOf, readToDevice } from '../../storage/user-sync/to-device.ts';
import type { InboxPage } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

/** @returns false if somebody is logged in with this device */
export function openInbox(user: UserContext, deviceId: DeviceId): boolean {
  if (findDevice(user.sqlite, deviceId)) return false;
  addInbox(user.sqlite, deviceId);
  return true;
}

export function closeInbox(user: UserContext, deviceId: DeviceId): void {
  user.sqlite.transaction(() => {
    removeInbox(user.sqlite, deviceId);
    // Somebody may have logged in with it meanwhile.
    if (findDevice(user.sqlite, deviceId)) return;
    user.stream.keep();
    deleteToDeviceOf(user.sqlite, deviceId);
  });
}

/**
 * Reading takes nothing away: whoever fails in the middle begins anew. Messages go with the device.
 * @param after position of the last message of the page before
 */
export function readInbox(
  user: UserContext,
  deviceId: DeviceId,
  after: number,
  limit: number,
): InboxPage | undefined {
  if (!listInboxes(user.sqlite).includes(deviceId)) return undefined;
  const rows = readToDevice(user.sqlite, deviceId, after, limit);
  return {
    events: rows.map(({ message }) => JSON.parse(message) as JsonObject),
    end: rows.at(-1)?.position ?? after,
  };
}
