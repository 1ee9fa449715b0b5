import { type Denial, denial, notFound } from '../../../../../matrix/errors.ts';
import { parseRoomId, type RoomId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../../matrix/json.ts';
import { namedLevel, requiredPower, userPower } from '../../../protocol/power-levels.ts';
import { countMembers, memberOf, membersWith } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import { administrator, type JoinTerms, type RoomPreview } from '../../room-rpc.ts';
import { powerState } from '../graph/redaction-refusal.ts';
import type { Room } from '../room.ts';

/** Join rules under which anyone may know of the room. */
const openRules = ['public', 'knock', 'knock_restricted'];

/** Servers that one who wants to join is told of. */
const maxOtherServers = 10;

/** Denied as if the room did not exist. */
export function readPreview(room: Room, userId: UserId | undefined): RoomPreview | Denial {
  const content = (type: string): JsonObject => stateEvent(room.sqlite, type, '')?.pdu.content ?? {};
  const joinRule = text(content('m.room.join_rules').join_rule) ?? 'invite';
  const worldReadable = content('m.room.history_visibility').history_visibility === 'world_readable';
  const membership = userId === undefined ? undefined : memberOf(room.sqlite, userId)?.membership;
  const isInvolved = membership === 'join' || membership === 'invite' || membership === 'knock';
  const isOpen = isInvolved || userId === administrator || worldReadable || openRules.includes(joinRule);
  const allowed = allowedRooms(room);
  if (!isOpen && !allowed) return denial(notFound('Unknown room'));
  return {
    kind: 'preview',
    isOpen,
    roomId: room.roomId,
    roomVersion: room.version.id,
    joinedCount: countMembers(room.sqlite, 'join'),
    worldReadable,
    guestCanJoin: content('m.room.guest_access').guest_access === 'can_join',
    joinRule,
    ...present('allowedRooms', allowed),
    ...present('name', text(content('m.room.name').name)),
    ...present('topic', text(content('m.room.topic').topic)),
    ...present('avatarUrl', text(content('m.room.avatar').url)),
    ...present('canonicalAlias', text(content('m.room.canonical_alias').alias)),
    ...present('roomType', text(content('m.room.create').type)),
    ...present('encryption', text(content('m.room.encryption').algorithm)),
    ...present('membership', membership),
  };
}

/** Server-server API, "Restricted rooms": whom this server could let a user in by. */
export function joinTerms(room: Room, userId: UserId): JoinTerms | Denial {
  const rooms = allowedRooms(room);
  const refused = memberOf(room.sqlite, userId)?.membership === 'ban';
  if (!rooms || refused) return denial(notFound('The room has no such terms'));
  const state = powerState(room);
  const inviteLevel = namedLevel('invite', state, room.version);
  const mayInvite = membersWith(room.sqlite, 'join')
    .map((member) => member.userId)
    .filter((member) => userPower(member, state, room.version) >= inviteLevel);
  const { serverName } = room.config;
  const authorisedVia = mayInvite.find((member) => serverNameOf(member) === serverName);
  const elsewhere = new Set(authorisedVia ? [] : mayInvite.map(serverNameOf));
  return {
    kind: 'terms',
    allowedRooms: rooms,
    ...present('authorisedVia', authorisedVia),
    ...(authorisedVia ? {} : { otherServers: [...elsewhere].slice(0, maxOtherServers) }),
  };
}

export function maySendState(room: Room, userId: UserId, type: string): boolean {
  const state = powerState(room);
  return (
    memberOf(room.sqlite, userId)?.membership === 'join' &&
    userPower(userId, state, room.version) >= requiredPower(type, true, state, room.version)
  );
}

function allowedRooms(room: Room): RoomId[] | undefined {
  const content = stateEvent(room.sqlite, 'm.room.join_rules', '')?.pdu.content;
  if (content?.join_rule !== 'restricted' && content?.join_rule !== 'knock_restricted') return undefined;
  const conditions = Array.isArray(content.allow) ? content.allow : [];
  return conditions
    .filter(isJsonObject)
    .filter((condition) => condition.type === 'm.room_membership' && typeof condition.room_id === 'string')
    .map((condition) => parseRoomId(String(condition.room_id)))
    .filter((roomId) => roomId !== undefined);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
