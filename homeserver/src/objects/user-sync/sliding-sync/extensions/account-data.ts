import type { JsonObject } from '../../../../../../matrix/json.ts';
import type { RoomExtension } from '../../../../protocol/sync/sliding-request.ts';
import {
  type AccountDataRow,
  accountDataOf,
  accountDataSince,
} from '../../../../storage/user-sync/account-data.ts';
import { currentPushRules } from '../../push-flags.ts';
import type { UserContext } from '../../user-context.ts';
import { type ExtensionScope, isWhole, roomsOf } from './extension-rooms.ts';

const pushRulesType = 'm.push_rules';

/** Account data, global (with the push rules) and of rooms. */
export function accountDataExtension(
  user: UserContext,
  extension: RoomExtension,
  scope: ExtensionScope,
): { extension: JsonObject; empty: boolean } {
  const changed = scope.isNew ? [] : accountDataSince(user.sqlite, scope.since);
  const begins = scope.isNew || scope.isAskedAnew;
  const globalRows = begins ? accountDataOf(user.sqlite, '') : changed.filter((row) => row.roomId === '');
  const global = globalRows.filter((row) => row.type !== pushRulesType).map(toEvent);
  if (begins || globalRows.some((row) => row.type === pushRulesType)) {
    global.push({ type: pushRulesType, content: { global: currentPushRules(user) } });
  }
  const byRoom = Map.groupBy(changed, (row) => row.roomId);
  const rooms: JsonObject = {};
  for (const room of roomsOf(extension, scope)) {
    const rows = isWhole(room, scope)
      ? accountDataOf(user.sqlite, room.roomId)
      : (byRoom.get(room.roomId) ?? []);
    if (rows.length > 0) rooms[room.roomId] = rows.map(toEvent);
  }
  return { extension: { global, rooms }, empty: global.length === 0 && Object.keys(rooms).length === 0 };
}

function toEvent({ type, content }: AccountDataRow): JsonObject {
  return { type, content: JSON.parse(content) as JsonObject };
}
