import type { JsonObject } from '../../../../../../matrix/json.ts';
import type { RoomExtension } from '../../../../protocol/sync/sliding-request.ts';
import { type ExtensionScope, isWhole, roomsOf } from './extension-rooms.ts';

/** One `m.typing` event a room: of a new room if anybody types, else whenever it changed, also to nobody. */
export function typingExtension(
  extension: RoomExtension,
  scope: ExtensionScope,
): { extension: JsonObject; empty: boolean } {
  const rooms: JsonObject = {};
  for (const room of roomsOf(extension, scope)) {
    const since = scope.answers.get(room.roomId)?.told ?? scope.since;
    const changed = !scope.isNew && room.typingAt > since;
    if (changed || (isWhole(room, scope) && room.typing.length > 0))
      rooms[room.roomId] = { type: 'm.typing', content: { user_ids: room.typing } };
  }
  return { extension: { rooms }, empty: Object.keys(rooms).length === 0 };
}
