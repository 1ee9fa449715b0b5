import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readRoom, writeRoom } from '../../storage/destination/rooms.ts';
import type { ServerDelta } from '../destination-rpc.ts';
import type { DeltaResult } from '../room-rpc.ts';
import type { TransactionQueue } from './transaction-queue.ts';

/**
 * Queues what is new in a delta. Write section. For a server that is away for long it is only noted that the room
 * went on: then this costs nothing but the first time.
 */
export function applyRoomDelta(sqlite: Sqlite, queue: TransactionQueue, delta: ServerDelta): DeltaResult {
  const room = readRoom(sqlite, delta.roomId);
  if (room.isBehind) return { kind: 'applied' };
  const fits = delta.fromPosition <= room.position && room.position <= delta.position;
  if (!fits && !delta.restarts) return { kind: 'gap', position: room.position };
  if (delta.position !== room.position && queue.isGivenUp) {
    queue.dropEvents();
    writeRoom(sqlite, delta.roomId, { ...room, isBehind: true });
    return { kind: 'applied' };
  }
  const known = delta.restarts ? delta.fromPosition : room.position;
  for (const { position, pdu } of delta.pdus) {
    if (position > known) queue.addPdu(delta.roomId, pdu);
  }
  for (const edu of delta.edus) queue.addEdu(edu);
  if (delta.position !== room.position) {
    writeRoom(sqlite, delta.roomId, { position: delta.position, isBehind: false });
  }
  return { kind: 'applied' };
}
