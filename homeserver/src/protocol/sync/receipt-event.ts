import type { JsonObject } from '../../../../matrix/json.ts';

interface Receipt {
  userId: string;
  type: string;
  /** '' for an unthreaded receipt. */
  threadId: string;
  eventId: string;
  ts: number;
}

/**
 * One `m.receipt` event of a room. Its form has one place per event, type and user: there an unthreaded
 * receipt wins over threaded ones, since it says more (MSC4102).
 */
export function receiptEvent(receipts: readonly Receipt[]): JsonObject {
  const content: Record<string, Record<string, Record<string, JsonObject>>> = {};
  for (const { userId, type, threadId, eventId, ts } of receipts) {
    content[eventId] ??= {};
    const types = content[eventId];
    types[type] ??= {};
    const users = types[type];
    if (users[userId] && threadId !== '') continue;
    users[userId] = threadId === '' ? { ts } : { ts, thread_id: threadId };
  }
  return { type: 'm.receipt', content };
}
