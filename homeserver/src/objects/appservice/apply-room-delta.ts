import { mayAssertUser, type Registration } from '../../../../appservice/registration.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readFollowedRoom, writeFollowedRoom } from '../../storage/appservice/followed-rooms.ts';
import type { DeltaResult, ReceiptContent, ServiceDelta } from '../room-rpc.ts';
import { followCompanions } from './companions.ts';
import type { DeliveryQueue } from './delivery-queue.ts';

/**
 * Queues what is new in a delta. Write section. Events that are known already are not queued again. A room
 * that is behind what we know of it was restored from a backup: with a snapshot it starts us anew from there.
 */
export function applyRoomDelta(
  sqlite: Sqlite,
  queue: DeliveryQueue,
  registration: Registration,
  serverName: string,
  delta: ServiceDelta,
  nowMs: number,
): DeltaResult {
  const { position: stored, sharing } = readFollowedRoom(sqlite, delta.roomId);
  const fits = delta.fromPosition <= stored && stored <= delta.position;
  if (!fits && !delta.snapshot) return { kind: 'gap', position: stored };
  if (registration.deviceNews && sharing === undefined && delta.companions === undefined) {
    return { kind: 'gap', position: stored, anew: true };
  }
  const known = stored > delta.position ? delta.fromPosition : stored;
  const fresh = delta.events.filter(({ position }) => position > known);
  for (const { event } of fresh) {
    queue.add('event', { ...event, room_id: delta.roomId }, nowMs);
  }
  const now = registration.deviceNews
    ? followCompanions(
        { sqlite, queue, nowMs, registration, serverName },
        { ...delta, events: fresh },
        sharing ?? false,
      )
    : undefined;
  if (delta.position !== stored || now !== sharing) {
    writeFollowedRoom(sqlite, delta.roomId, { position: delta.position, sharing: now });
  }
  if (registration.receiveEphemeral) {
    for (const ephemeral of ephemeralOf(delta, registration, serverName)) {
      // Who typed before an outage is nobody's concern after it.
      if (ephemeral.type === 'm.typing' && queue.isFailing) continue;
      queue.add('ephemeral', ephemeral, nowMs);
    }
  }
  return { kind: 'applied' };
}

function ephemeralOf(delta: ServiceDelta, registration: Registration, serverName: string): JsonObject[] {
  const found: JsonObject[] = [];
  if (delta.typing) {
    found.push({ type: 'm.typing', room_id: delta.roomId, content: { user_ids: delta.typing } });
  }
  const receipts = delta.receipts && visibleReceipts(delta.receipts, registration, serverName);
  if (receipts && Object.keys(receipts).length > 0) {
    found.push({ type: 'm.receipt', room_id: delta.roomId, content: receipts });
  }
  return found;
}

/** Private receipts are for their user alone, and so for the service only if it speaks for that user. */
function visibleReceipts(
  content: ReceiptContent,
  registration: Registration,
  serverName: string,
): JsonObject {
  const visible: JsonObject = {};
  for (const [eventId, byType] of Object.entries(content)) {
    for (const [type, byUser] of Object.entries(byType)) {
      const users = Object.entries(byUser).filter(
        ([userId]) => type !== 'm.read.private' || mayAssertUser(registration, userId, serverName),
      );
      if (users.length === 0) continue;
      const target = visible[eventId];
      const types = isJsonObject(target) ? target : {};
      visible[eventId] = { ...types, [type]: Object.fromEntries(users) };
    }
  }
  return visible;
}
