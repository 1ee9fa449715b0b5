import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { badJson, fromDenial, MatrixError } from '../../../matrix/errors.ts';
import { parseRoomAlias, type RoomAlias, type RoomId, type UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { Stubs } from '../objects/stubs.ts';
import { roomIdOfCreate } from '../protocol/event-hash.ts';
import { claimAlias, deleteAlias } from '../storage/d1/aliases.ts';
import { publishRoom } from '../storage/d1/public-rooms.ts';
import { makeCreateEvent, requireVersion } from './create-event.ts';
import { createContent, type InitialState, initialEvents, type Preset } from './initial-events.ts';
import { requireInvitable } from './invitees.ts';
import { memberContent } from './member-content.ts';

export interface CreateRoomRequest {
  isPublic: boolean;
  preset: Preset;
  roomVersion?: string | undefined;
  aliasName?: string | undefined;
  name?: string | undefined;
  topic?: string | undefined;
  invite: UserId[];
  isDirect: boolean;
  initialState: InitialState[];
  creationContent: JsonObject;
  powerLevelOverride?: JsonObject | undefined;
}

export interface CreateRoomParts {
  db: DrizzleD1Database;
  env: Env;
  config: Config;
  stubs: Stubs;
}

/** Attempts to find an id of its own for a room of version 12, which equal requests in one ms would share. */
const maxAttempts = 5;
/** By how much the create event of a further attempt may be dated back, in ms. */
const maxBackdateMs = 1_000;

/**
 * Creates a room with everything that `POST /createRoom` asks for, or nothing.
 * @throws MatrixError
 */
export async function createRoom(
  parts: CreateRoomParts,
  creator: UserId,
  request: CreateRoomRequest,
  nowMs: number,
): Promise<RoomId> {
  const { db, config, stubs } = parts;
  const version = requireVersion(request.roomVersion ?? config.defaultRoomVersion);
  await requireInvitable(parts, request.invite);
  const alias = request.aliasName === undefined ? undefined : fullAlias(request.aliasName, config);
  const { creationContent, preset, invite } = request;
  const content = createContent(version, creationContent, preset, invite);
  const events = initialEvents({
    ...request,
    ...(await people(parts, creator, request)),
    version,
    alias,
    creator,
  });
  for (let attempt = 0; ; attempt += 1) {
    const backdateMs = attempt === 0 ? 0 : Math.ceil(Math.random() * maxBackdateMs);
    const createEvent = makeCreateEvent(config, version, creator, content, nowMs - backdateMs);
    const roomId = roomIdOfCreate(createEvent, version);
    if (alias && !(await claimAlias(db, { alias, roomId, creator }, nowMs))) {
      throw new MatrixError(400, 'M_ROOM_IN_USE', 'This alias is taken');
    }
    const result = await stubs.room(roomId).create({ roomVersion: version.id, createEvent, events });
    if (result.kind === 'created') {
      if (request.isPublic) await publishRoom(db, roomId, creator, nowMs);
      return roomId;
    }
    if (alias) await deleteAlias(db, alias);
    if (result.errcode === 'M_ROOM_IN_USE' && attempt < maxAttempts) continue;
    throw result.errcode === 'M_FORBIDDEN'
      ? new MatrixError(400, 'M_INVALID_ROOM_STATE', result.error)
      : fromDenial(result);
  }
}

async function people(
  { db, config }: CreateRoomParts,
  creator: UserId,
  { invite, isDirect }: CreateRoomRequest,
) {
  const more = isDirect ? { is_direct: true } : {};
  const invites = await Promise.all(
    invite.map(async (userId) => ({
      userId,
      content: await memberContent(db, config, userId, 'invite', more),
    })),
  );
  return { creatorContent: await memberContent(db, config, creator, 'join'), invites };
}

function fullAlias(localpart: string, config: Config): RoomAlias {
  const alias = parseRoomAlias(`#${localpart}:${config.serverName}`);
  if (!alias || /[:\s]/.test(localpart)) throw badJson('room_alias_name is not the local part of an alias');
  return alias;
}
