import { mayAssertUser, type Registration } from '../../../../appservice/registration.ts';
import type { ClientEvent } from '../../../../matrix/events.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readPosition, writePosition } from '../../storage/appservice/followed-rooms.ts';
import type { DeltaResult, ReceiptContent, ServiceDelta } from '../room-rpc.ts';
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
  const stored = readPosition(sqlite, delta.roomId);
  const fits = delta.fromPosition <= stored && stored <= delta.position;
  if (!fits && !delta.snapshot) return { kind: 'gap', position: stored };
  const known = stored > delta.position ? delta.fromPosition : stored;
  for (const { position, event } of delta.events) {
    if (position <= known) continue;
    queue.add('event', { ...event, room_id: delta.roomId }, nowMs);
    if (registration.deviceNews && isNewcomer(event)) {
      queue.add('device_list', { userId: event.state_key }, nowMs);
    }
  }
  if (delta.position !== stored) writePosition(sqlite, delta.roomId, delta.position);
  if (registration.receiveEphemeral) {
    for (const ephemeral of ephemeralOf(delta, registration, serverName)) {
      // Who typed before an outage is nobody's concern after it.
      if (ephemeral.type === 'm.typing' && queue.isFailing) continue;
      queue.add('ephemeral', ephemeral, nowMs);
    }
  }
  return { kind: 'applied' };
}

/** Whose devices may have changed while the service shared no room with them. */
function isNewcomer({ type, content, unsigned }: ClientEvent): boolean {
  const before = unsigned?.prev_content;
  const wasJoined = isJsonObject(before) && before.membership === 'join';
  return type === 'm.room.member' && content.membership === 'join' && !wasJoined;
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
