import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RoomRow } from '../../../storage/user-sync/rooms.ts';

/** One room of the section `invite` or `knock`; a hidden invitation is not shown. */
export function inviteEntry(room: RoomRow, section: 'invite' | 'knock'): JsonObject | undefined {
  if (!room.listed) return undefined;
  const events = (room.strippedState ?? []) as unknown as JsonObject[];
  return section === 'invite' ? { invite_state: { events } } : { knock_state: { events } };
}
