import { type DeviceNews, transactionBody } from '../../../../appservice/transactions.ts';
import type { ClientEvent } from '../../../../matrix/events.ts';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { DeliveryState } from '../../storage/appservice/delivery.ts';
import type { QueueEntry } from '../../storage/appservice/queue.ts';
import type { KeyCounts } from '../user-sync-rpc.ts';
import type { QueuedDeviceList } from './companions.ts';

/**
 * Id and body of a transaction, made of its queue rows and nothing else that changes, so that a repeated
 * attempt (after a failure, a crash, an eviction) sends the same bytes.
 */
export function composeTransaction(
  txn: number,
  entries: readonly QueueEntry[],
  formedMs: number,
): { txnId: string; body: JsonObject } {
  const of = (kind: QueueEntry['kind']) => entries.filter((entry) => entry.kind === kind);
  const events = of('event').map(({ body }) => withAge(JSON.parse(body) as ClientEvent, formedMs));
  const ephemeral = of('ephemeral').map(({ body }) => JSON.parse(body) as JsonObject);
  const toDevice = of('to_device').map(({ body }) => JSON.parse(body) as JsonObject);
  // The time makes the id unique even if the object's data is set back to a backup.
  const txnId = `${txn}-${(entries[0]?.queuedMs ?? 0).toString(36)}`;
  const deviceNews = mergeNews(of('device_list'), of('key_counts'));
  return { txnId, body: transactionBody({ events, ephemeral, toDevice, deviceNews }) };
}

/** Entry of kind `key_counts`. */
export interface QueuedKeyCounts {
  userId: UserId;
  deviceId: DeviceId;
  counts: KeyCounts;
}

/** Everyone once, as of last; of several counts of a device the last. */
function mergeNews(lists: readonly QueueEntry[], counts: readonly QueueEntry[]): DeviceNews {
  const latest = new Map<string, keyof Pick<DeviceNews, 'changed' | 'left'>>();
  for (const { body } of lists) {
    const { userId, left } = JSON.parse(body) as QueuedDeviceList;
    latest.set(userId, left ? 'left' : 'changed');
  }
  const those = (what: string) => [...latest].flatMap(([userId, is]) => (is === what ? [userId] : []));
  const news: DeviceNews = {
    changed: those('changed'),
    left: those('left'),
    oneTimeKeyCounts: {},
    unusedFallbackKeyTypes: {},
  };
  for (const { body } of counts) {
    const { userId, deviceId, counts: remaining } = JSON.parse(body) as QueuedKeyCounts;
    news.oneTimeKeyCounts[userId] = {
      ...news.oneTimeKeyCounts[userId],
      [deviceId]: remaining.oneTimeKeyCounts,
    };
    news.unusedFallbackKeyTypes[userId] = {
      ...news.unusedFallbackKeyTypes[userId],
      [deviceId]: remaining.unusedFallbackKeyTypes,
    };
  }
  return news;
}

/**
 * When a transaction is counted as formed. One that found the queue empty went out as it was queued; for
 * one that had to wait, the time of the first attempt has been recorded.
 */
export function formedAt(
  txn: number,
  entries: readonly QueueEntry[],
  state: DeliveryState,
): number | undefined {
  if (state.formedTxn === txn) return state.formedMs;
  return entries[0]?.waited ? undefined : entries.at(-1)?.queuedMs;
}

function withAge(event: ClientEvent, formedMs: number): ClientEvent {
  const age = Math.max(0, formedMs - event.origin_server_ts);
  return { ...event, unsigned: { ...event.unsigned, age } };
}
