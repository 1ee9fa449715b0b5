import * as v from 'valibot';
import { parseRoomId, parseUserId, type ServerName, serverNameOf } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import type { ReceiptInput } from '../../objects/room-rpc.ts';
import { eventIdField } from './edu-fields.ts';
import type { EduPorts } from './receive-edus.ts';

const schema = v.object({
  event_ids: v.pipe(v.array(eventIdField), v.minLength(1), v.maxLength(10)),
  data: v.object({
    ts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    thread_id: v.optional(v.pipe(v.string(), v.maxLength(255))),
  }),
});

/** Rooms and users of one EDU that are looked at. */
const maxReceipts = 200;

/** Server-server API, "Receipts": `m.read` alone. */
export async function receiveReceipts(
  { stubs }: EduPorts,
  origin: ServerName,
  content: unknown,
): Promise<void> {
  for (const [roomId, receipts] of receiptsOf(content, origin)) {
    const room = parseRoomId(roomId);
    if (!room) continue;
    for (const receipt of receipts) await stubs.room(room).setReceipt(receipt, origin);
  }
}

function receiptsOf(content: unknown, origin: ServerName): Map<string, ReceiptInput[]> {
  const found = new Map<string, ReceiptInput[]>();
  let left = maxReceipts;
  if (!isJsonObject(content)) return found;
  for (const [roomId, byType] of Object.entries(content)) {
    const byUser = isJsonObject(byType) ? byType['m.read'] : undefined;
    if (!isJsonObject(byUser)) continue;
    for (const [user, value] of Object.entries(byUser)) {
      const userId = parseUserId(user);
      const parsed = v.safeParse(schema, value);
      if (!userId || serverNameOf(userId) !== origin || !parsed.success || left-- <= 0) continue;
      const { event_ids: ids, data } = parsed.output;
      const receipt: ReceiptInput = {
        userId,
        type: 'm.read',
        eventId: ids.at(-1) as ReceiptInput['eventId'],
        ...(data.thread_id === undefined ? {} : { threadId: data.thread_id }),
        ...(data.ts === undefined ? {} : { ts: data.ts }),
      };
      found.set(roomId, [...(found.get(roomId) ?? []), receipt]);
    }
  }
  return found;
}
