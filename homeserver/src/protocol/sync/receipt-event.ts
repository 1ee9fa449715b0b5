import type { JsonObject } from '../../../../matrix/json.ts';

interface Receipt {
  userId: string;
  type: string;
  /** '' for an unthreaded receipt. */
  threadId: string;
  eventId: string;
  ts: number;
}

type Content = Record<string, Record<string, Record<string, { ts: number; thread_id?: string }>>>;

/** One `m.receipt` event of a room. */
export function receiptEvent(receipts: readonly Receipt[]): JsonObject {
  return { type: 'm.receipt', content: receiptContent(receipts) };
}

/**
 * The content of `m.receipt` has one place per event, type and user: there an unthreaded receipt wins over
 * threaded ones, since it says more (MSC4102), and of threaded ones the newest.
 */
export function receiptContent(receipts: readonly Receipt[]): Content {
  const content: Content = {};
  for (const { userId, type, threadId, eventId, ts } of receipts) {
    content[eventId] ??= {};
    const types = content[eventId];
    types[type] ??= {};
    const users = types[type];
    const known = users[userId];
    if (threadId === '') users[userId] = { ts };
    else if (!known || (known.thread_id !== undefined && known.ts <= ts)) {
      users[userId] = { ts, thread_id: threadId };
    }
  }
  return content;
}
