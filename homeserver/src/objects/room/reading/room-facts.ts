import type { JsonObject, JsonValue } from '../../../../../matrix/json.ts';
import { creatorsOf } from '../../../protocol/power-levels.ts';
import { countMembers, forgottenUpTo, membershipChanges } from '../../../storage/room/members.ts';
import { countState, stateEvent } from '../../../storage/room/state.ts';
import type { RoomFacts } from '../../room-rpc.ts';
import { powerState } from '../graph/redaction-refusal.ts';
import type { Room } from '../room.ts';

/** What administrators see of a room in a list. Its members are not read, but those of this server. */
export function roomFacts(room: Room): RoomFacts {
  const content = (type: string): JsonObject => stateEvent(room.sqlite, type, '')?.pdu.content ?? {};
  const create = content('m.room.create');
  const local = localMembers(room);
  const [creator] = creatorsOf(powerState(room), room.version);
  return {
    kind: 'facts',
    roomId: room.roomId,
    name: text(content('m.room.name').name),
    topic: text(content('m.room.topic').topic),
    avatarUrl: text(content('m.room.avatar').url),
    canonicalAlias: text(content('m.room.canonical_alias').alias),
    creator: creator ?? '',
    version: room.version.id,
    roomType: text(create.type),
    encryption: text(content('m.room.encryption').algorithm),
    federatable: create['m.federate'] !== false,
    joinRules: text(content('m.room.join_rules').join_rule),
    guestAccess: text(content('m.room.guest_access').guest_access),
    historyVisibility: text(content('m.room.history_visibility').history_visibility),
    joinedMembers: countMembers(room.sqlite, 'join'),
    joinedLocalMembers: local.joined.size,
    stateEvents: countState(room.sqlite),
    databaseBytes: room.sqlite.databaseBytes,
    isForgotten:
      local.known.size > 0 &&
      local.joined.size === 0 &&
      [...local.known].every((userId) => forgottenUpTo(room.sqlite, userId) > 0),
  };
}

/** In a large room those of this server are few, and their memberships have an index of their own. */
function localMembers(room: Room): { known: Set<string>; joined: Set<string> } {
  const known = new Set<string>();
  const joined = new Set<string>();
  for (const { userId, membership } of membershipChanges(room.sqlite, 0, 'local')) {
    known.add(userId);
    if (membership === 'join') joined.add(userId);
    else joined.delete(userId);
  }
  return { known, joined };
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
