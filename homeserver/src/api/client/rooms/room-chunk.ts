import type { JsonObject } from '../../../../../matrix/json.ts';
import type { RoomPreview } from '../../../objects/room-rpc.ts';

/** How the directory and summaries show a room. Absent members are not sent. */
export function roomChunk(preview: RoomPreview): JsonObject {
  return {
    room_id: preview.roomId,
    num_joined_members: preview.joinedCount,
    world_readable: preview.worldReadable,
    guest_can_join: preview.guestCanJoin,
    join_rule: preview.joinRule,
    name: preview.name,
    topic: preview.topic,
    avatar_url: preview.avatarUrl,
    canonical_alias: preview.canonicalAlias,
    room_type: preview.roomType,
  };
}

/** As `roomChunk`, with what the directory leaves out. */
export function roomSummary(preview: RoomPreview): JsonObject {
  return {
    ...roomChunk(preview),
    room_version: preview.roomVersion,
    allowed_room_ids: preview.allowedRooms,
    encryption: preview.encryption,
  };
}
