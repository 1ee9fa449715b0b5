import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { fromDenial } from '../../../../matrix/errors.ts';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import { aliasesOfRoom } from '../../storage/d1/aliases.ts';
import { type AppendParts, appendEvent } from '../append-event.ts';
import { removeRoom } from '../remove-room.ts';

/**
 * The users of this server leave the room.
 * @param purge what is stored of it goes, too
 * @returns what Synapse tells of it
 */
export async function deleteRoom(
  parts: AppendParts,
  db: DrizzleD1Database,
  roomId: RoomId,
  purge: boolean,
): Promise<JsonObject> {
  const room = parts.stubs.room(roomId);
  const members = await room.localMembers();
  const aliases = await aliasesOfRoom(db, roomId);
  const kicked: string[] = [];
  const failed: string[] = [];
  if (purge) {
    const removed = await removeRoom(room, roomId, db, true);
    if (removed.kind === 'denied') throw fromDenial(removed);
    kicked.push(...members);
  } else {
    for (const userId of members) {
      const content = { membership: 'leave' };
      const leave = { sender: userId, type: 'm.room.member', stateKey: userId, content };
      const left = await appendEvent(parts, roomId, leave);
      (left.kind === 'denied' ? failed : kicked).push(userId);
    }
  }
  return {
    kicked_users: kicked,
    failed_to_kick_users: failed,
    local_aliases: purge ? aliases : [],
    new_room_id: null,
  };
}
