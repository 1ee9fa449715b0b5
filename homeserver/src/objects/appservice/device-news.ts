import type { JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readKeyCounts, writeKeyCounts } from '../../storage/appservice/key-counts.ts';
import type { QueuedKeyCounts } from './compose-transaction.ts';
import type { DeliveryQueue } from './delivery-queue.ts';

/**
 * MSC3202: keys left are told when they change, and with every message to the device, since libraries take it for none
 * left if they are told nothing.
 */
export function queueKeyCounts(
  sqlite: Sqlite,
  queue: DeliveryQueue,
  news: QueuedKeyCounts,
  nowMs: number,
): void {
  writeKeyCounts(sqlite, news.userId, news.deviceId, news.counts);
  queue.add('key_counts', news, nowMs);
}

/** @param messages with `to_user_id` and `to_device_id` */
export function queueToDevice(
  sqlite: Sqlite,
  queue: DeliveryQueue,
  messages: readonly JsonObject[],
  withCounts: boolean,
  nowMs: number,
): void {
  const devices = new Map<string, { userId: string; deviceId: string }>();
  for (const message of messages) {
    queue.add('to_device', message, nowMs);
    const device = { userId: String(message.to_user_id), deviceId: String(message.to_device_id) };
    devices.set(JSON.stringify(device), device);
  }
  if (!withCounts) return;
  for (const { userId, deviceId } of devices.values()) {
    const counts = readKeyCounts(sqlite, userId, deviceId);
    if (counts) queue.add('key_counts', { userId, deviceId, counts }, nowMs);
  }
}
