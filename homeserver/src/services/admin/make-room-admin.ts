import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { forbidden, fromDenial, invalidParam } from '../../../../matrix/errors.ts';
import type { StateEvent } from '../../../../matrix/events.ts';
import { type RoomId, serverNameOf, type UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Config } from '../../config.ts';
import { administrator } from '../../objects/room-rpc.ts';
import { namedLevel, type PowerState, requiredPower, userPower } from '../../protocol/power-levels.ts';
import { type RoomVersion, roomVersion } from '../../protocol/room-versions.ts';
import { type AppendParts, appendEvent } from '../append-event.ts';
import { memberContent } from '../member-content.ts';

/** What a creator of version 12 gives, who is above all levels. */
const ordinaryTop = 100;

/**
 * Gives a local user the highest power that somebody of this server can give, by that member, and invites the user if
 * they are not in the room and cannot just join.
 * @throws `M_FORBIDDEN`, `M_INVALID_PARAM`
 */
export async function makeRoomAdmin(
  parts: AppendParts & { db: DrizzleD1Database; config: Config },
  roomId: RoomId,
  versionId: string,
  userId: UserId,
): Promise<void> {
  const { db, config, stubs } = parts;
  const version = roomVersion(versionId);
  const read = await stubs.room(roomId).readState(administrator);
  if (!version || read.kind === 'denied') throw invalidParam('The room cannot be read');
  const state = powerStateOf(read.events);
  const giver = strongestLocal(read.events, state, version, config);
  if (!giver) throw forbidden('Nobody of this server has the power to do this');
  await promote(parts, roomId, state, version, giver, userId);
  const membership = state.get('m.room.member', userId)?.content.membership;
  const isOpen = state.get('m.room.join_rules', '')?.content.join_rule === 'public';
  if (membership === 'join' || membership === 'invite' || isOpen) return;
  if (giver.power < namedLevel('invite', state, version)) return;
  const content = await memberContent(db, config, userId, 'invite');
  const invite = { sender: giver.userId, type: 'm.room.member', stateKey: userId, content };
  const invited = await appendEvent(parts, roomId, invite);
  if (invited.kind === 'denied') throw fromDenial(invited);
}

interface Giver {
  userId: UserId;
  power: number;
}

/** Of the members of this server that may change power levels, the one with the most power. */
function strongestLocal(
  events: readonly StateEvent[],
  state: PowerState,
  version: RoomVersion,
  config: Config,
): Giver | undefined {
  const needed = requiredPower('m.room.power_levels', true, state, version);
  return events
    .filter(({ type, content }) => type === 'm.room.member' && content.membership === 'join')
    .map(({ state_key: member }) => member as UserId)
    .filter((member) => serverNameOf(member) === config.serverName)
    .map((member) => ({ userId: member, power: userPower(member, state, version) }))
    .filter(({ power }) => power >= needed)
    .sort((one, other) => other.power - one.power)[0];
}

async function promote(
  parts: AppendParts,
  roomId: RoomId,
  state: PowerState,
  version: RoomVersion,
  giver: Giver,
  userId: UserId,
): Promise<void> {
  if (userPower(userId, state, version) >= giver.power) return;
  const levels: JsonObject = state.get('m.room.power_levels', '')?.content ?? {};
  const users = isJsonObject(levels.users) ? levels.users : {};
  const needed = requiredPower('m.room.power_levels', true, state, version);
  const level = Number.isFinite(giver.power) ? giver.power : Math.max(ordinaryTop, needed);
  const content = { ...levels, users: { ...users, [userId]: level } };
  const result = await appendEvent(parts, roomId, {
    sender: giver.userId,
    type: 'm.room.power_levels',
    stateKey: '',
    content,
  });
  if (result.kind === 'denied') throw fromDenial(result);
}

function powerStateOf(events: readonly StateEvent[]): PowerState {
  const byKey = new Map(events.map((event) => [`${event.type} ${event.state_key}`, event]));
  return { get: (type, stateKey) => byKey.get(`${type} ${stateKey}`) };
}
