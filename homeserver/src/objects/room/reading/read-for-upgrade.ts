import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import { parseRoomId, type UserId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { creatorsOf } from '../../../protocol/power-levels.ts';
import { eventAt, newestPosition, type StoredEvent } from '../../../storage/room/events.ts';
import { memberEvents, membersWith } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import { stateOfType } from '../../../storage/room/state-of-type.ts';
import type { CarriedState, UpgradeSource } from '../../room-rpc.ts';
import { powerState } from '../graph/redaction-refusal.ts';
import type { Room } from '../room.ts';
import { maySendState } from './preview.ts';

/** Client-server API, "Server behaviour" of room upgrades: what goes to the new room, power levels apart. */
const carriedTypes = [
  'm.room.server_acl',
  'm.room.encryption',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.guest_access',
  'm.room.history_visibility',
  'm.room.join_rules',
];

/** Denied to those who may not end the room by a tombstone. */
export function readForUpgrade(room: Room, userId: UserId): UpgradeSource | Denial {
  if (!maySendState(room, userId, 'm.room.tombstone'))
    return denial(forbidden('You may not upgrade this room'));
  const create = contentOf(room, 'm.room.create') ?? {};
  const carried = carriedTypes.map((type) => stateEvent(room.sqlite, type, ''));
  const children = create.type === 'm.space' ? stateOfType(room.sqlite, 'm.space.child') : [];
  const bans = memberEvents(
    room.sqlite,
    membersWith(room.sqlite, 'ban').map((member) => member.userId),
  );
  const replacement = contentOf(room, 'm.room.tombstone')?.replacement_room;
  return {
    kind: 'source',
    roomVersion: room.version.id,
    createContent: create,
    creators: [...creatorsOf(powerState(room), room.version)] as UserId[],
    lastEventId: eventAt(room.sqlite, newestPosition(room.sqlite))?.eventId,
    powerLevels: contentOf(room, 'm.room.power_levels'),
    canonicalAlias: contentOf(room, 'm.room.canonical_alias'),
    replacement: typeof replacement === 'string' ? parseRoomId(replacement) : undefined,
    state: [...carried, ...children, ...bans].filter((event) => event !== undefined).map(carriedState),
  };
}

function contentOf(room: Room, type: string): JsonObject | undefined {
  return stateEvent(room.sqlite, type, '')?.pdu.content;
}

function carriedState({ type, stateKey, pdu }: StoredEvent): CarriedState {
  return { type, stateKey: stateKey ?? '', content: pdu.content };
}
