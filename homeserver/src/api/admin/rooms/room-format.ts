import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RoomFacts } from '../../../objects/room-rpc.ts';

/** What a list shows of a room; its row in the index and what the room itself says have the same members. */
export function listedRoom(
  room: Omit<RoomFacts, 'kind' | 'roomId' | 'isForgotten'> & { roomId: string },
  isPublic: boolean,
): JsonObject {
  return {
    room_id: room.roomId,
    name: room.name,
    canonical_alias: room.canonicalAlias,
    avatar_url: room.avatarUrl,
    joined_members: room.joinedMembers,
    joined_local_members: room.joinedLocalMembers,
    version: room.version,
    creator: room.creator,
    encryption: room.encryption,
    federatable: room.federatable,
    public: isPublic,
    join_rules: room.joinRules,
    guest_access: room.guestAccess,
    history_visibility: room.historyVisibility,
    state_events: room.stateEvents,
    room_type: room.roomType,
  };
}
