import type { JsonObject } from '../../../../matrix/json.ts';
import { listInboxes } from '../../storage/user-sync/dehydrated-inboxes.ts';
import { listDevices } from '../../storage/user-sync/devices.ts';
import {
  deleteToDevice,
  forgetMessagesBefore,
  insertToDevice,
  readToDevice,
  rememberMessage,
} from '../../storage/user-sync/to-device.ts';
import type { ToDeviceMessage } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

/** How long a repeated delivery is recognised. */
const rememberedMs = 24 * 60 * 60 * 1000;
/** Messages per answer, as clients expect. */
export const toDeviceLimit = 100;

/** Queues messages for the devices there are. */
export function enqueueToDevice(
  user: UserContext,
  messages: readonly ToDeviceMessage[],
  nowMs: number,
): void {
  const known = [...listDevices(user.sqlite).map((device) => device.deviceId), ...listInboxes(user.sqlite)];
  user.sqlite.transaction(() => {
    for (const { deviceId, messageId, type, sender, content } of messages) {
      const devices = deviceId === '*' ? known : known.filter((device) => device === deviceId);
      for (const device of devices) {
        if (!rememberMessage(user.sqlite, device, messageId, nowMs)) continue;
        insertToDevice(user.sqlite, device, user.stream.next(), JSON.stringify({ type, sender, content }));
      }
    }
  });
}

/** Deletes what the device has read. Writes nothing if there is nothing to delete. */
export function acknowledgeToDevice(user: UserContext, deviceId: string, upTo: number, nowMs: number): void {
  if (readToDevice(user.sqlite, deviceId, 0, 1).every((message) => message.position > upTo)) return;
  user.sqlite.transaction(() => {
    user.stream.keep();
    deleteToDevice(user.sqlite, deviceId, upTo);
    forgetMessagesBefore(user.sqlite, nowMs - rememberedMs);
  });
}

/**
 * Messages behind `since`, oldest first.
 * @returns `position` to acknowledge them by; `more`: the limit cut them
 */
export function toDeviceSince(
  user: UserContext,
  deviceId: string,
  since: number,
  limit: number,
): { events: JsonObject[]; position: number; more: boolean } {
  const rows = readToDevice(user.sqlite, deviceId, since, limit + 1);
  const sent = rows.slice(0, limit);
  const more = rows.length > limit;
  return {
    events: sent.map((row) => JSON.parse(row.message) as JsonObject),
    position: more ? (sent.at(-1)?.position ?? since) : user.stream.last,
    more,
  };
}
