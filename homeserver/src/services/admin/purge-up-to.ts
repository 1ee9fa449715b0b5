import { fromDenial, unknown } from '../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { RoomRpc } from '../../objects/room-rpc.ts';

/** What one task does at most. */
const maxBatches = 200;

/** Purges the messages of a room that are from before a time (epoch ms). @throws MatrixError if there is more to do */
export async function purgeUpTo(room: RoomRpc, beforeMs: number): Promise<JsonObject> {
  let messages = 0;
  let next: number | undefined = 0;
  for (let batch = 0; batch < maxBatches && next !== undefined; batch += 1) {
    const step = await room.purgeHistory(beforeMs, next);
    if (step.kind === 'denied') throw fromDenial(step);
    messages += step.messages;
    next = step.next;
  }
  if (next !== undefined) throw unknown(`${messages} messages were purged, and there are more: ask again`);
  return { messages };
}
