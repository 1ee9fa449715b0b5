import {
  badJson,
  type Denial,
  denial,
  fromDenial,
  MatrixError,
  unknown,
  unsupportedRoomVersion,
} from '../../../../matrix/errors.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import type { Config } from '../../config.ts';
import { eventIdOf, roomIdOfCreate } from '../../protocol/event-hash.ts';
import { parsePdu } from '../../protocol/pdu-format.ts';
import { roomVersion } from '../../protocol/room-versions.ts';
import { insertRoomRow, readRoomRow } from '../../storage/room/room-row.ts';
import type { CreateRoomInput } from '../room-rpc.ts';
import { appendEvent, authorizationRefusal } from './graph/append-event.ts';
import { newestIsExtremity } from './graph/extremities.ts';
import { storeEvent } from './graph/store-event.ts';
import type { Room } from './room.ts';

/**
 * Makes the room with all its first events, or nothing at all.
 * @param roomId the name of the object, which the create event has to agree with
 * @param makeSchema makes the tables; part of the transaction
 */
export function createRoom(
  { sqlite, config }: { sqlite: Sqlite; config: Config },
  roomId: RoomId,
  input: CreateRoomInput,
  makeSchema: () => void,
  nowMs: number,
): Room | Denial {
  const version = roomVersion(input.roomVersion);
  if (!version) return denial(unsupportedRoomVersion(input.roomVersion));
  if (readRoomRow(sqlite)) return denial(new MatrixError(400, 'M_ROOM_IN_USE', 'The room exists'));
  const parsed = parsePdu(input.createEvent, version);
  if (parsed.kind === 'malformed') return denial(badJson(parsed.reason));
  const { pdu } = parsed;
  if (roomIdOfCreate(pdu, version) !== roomId) return denial(unknown('The create event is of another room'));
  const room: Room = { sqlite, roomId, version, config };
  try {
    sqlite.transaction(() => {
      makeSchema();
      insertRoomRow(sqlite, { roomId, version: version.id, importing: false });
      refuse(authorizationRefusal(room, pdu));
      storeEvent(room, { pdu, eventId: eventIdOf(pdu, version) });
      newestIsExtremity(room);
      for (const event of input.events) {
        const appended = appendEvent(room, event, nowMs);
        if (appended.kind === 'denied') refuse(appended);
      }
    });
  } catch (error) {
    if (error instanceof MatrixError) return denial(error);
    throw error;
  }
  return room;
}

/** An exception undoes the transaction. */
function refuse(denied: Denial | undefined): void {
  if (denied) throw fromDenial(denied);
}
