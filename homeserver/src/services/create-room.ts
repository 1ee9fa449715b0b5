import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Registration } from '../../../appservice/registration.ts';
import { fromDenial, MatrixError } from '../../../matrix/errors.ts';
import type { RoomAlias, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { log } from '../../../platform/log.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { CreateRoomInput, CreateRoomResult } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';
import { roomIdOfCreate } from '../protocol/event-hash.ts';
import { claimAlias, deleteAlias } from '../storage/d1/aliases.ts';
import { publishRoom } from '../storage/d1/public-rooms.ts';
import { localAlias, requireUnreserved } from './alias-names.ts';
import { appendMember } from './append-member.ts';
import { aliasesIn } from './canonical-alias.ts';
import { makeCreateEvent, requireVersion } from './create-event.ts';
import { requireCreationContent } from './creation-content.ts';
import { inheritSettings } from './inherit-settings.ts';
import { createContent, type InitialState, initialEvents, type Preset } from './initial-events.ts';
import { requireInvitable } from './invitees.ts';
import { isLocal } from './local-accounts.ts';
import { memberContent } from './member-content.ts';

export interface CreateRoomRequest {
  isPublic: boolean;
  preset: Preset;
  roomVersion?: string | undefined;
  aliasName?: string | undefined;
  /** The service that asks, if one does. */
  appservice?: Registration | undefined;
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
const maxInvitedAtOnce = 5;

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
  const { db, config } = parts;
  const version = requireVersion(request.roomVersion ?? config.defaultRoomVersion);
  const alias = wantedAlias(request, config);
  requireCreationContent(request.creationContent, version);
  requireNoOtherAliases(request.initialState, alias);
  await requireInvitable(parts, creator, request.invite);
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
    const input = { roomVersion: version.id, createEvent, events };
    const result = await makeRoom(parts, roomId, input, { creator, alias });
    if (result.kind === 'created') {
      if (request.isPublic) await publishRoom(db, roomId, creator, nowMs);
      if (creationContent.predecessor !== undefined) await inheritSettings(parts, creator, roomId);
      await inviteOthers(parts, roomId, creator, request);
      return roomId;
    }
    if (alias) await deleteAlias(db, alias);
    if (result.errcode === 'M_ROOM_IN_USE' && attempt < maxAttempts) continue;
    throw result.errcode === 'M_FORBIDDEN' || result.errcode === 'M_BAD_JSON'
      ? new MatrixError(400, 'M_INVALID_ROOM_STATE', result.error)
      : fromDenial(result);
  }
}

/** If it is cut off, an alias is left only to a room that was made. */
async function makeRoom(
  { db, stubs }: CreateRoomParts,
  roomId: RoomId,
  input: CreateRoomInput,
  { creator, alias }: { creator: UserId; alias: RoomAlias | undefined },
): Promise<CreateRoomResult> {
  const room = stubs.room(roomId);
  try {
    return await room.create(input);
  } catch (error) {
    if (alias && (await room.readPreview(creator)).kind === 'denied') await deleteAlias(db, alias);
    throw error;
  }
}

function ours(invite: readonly UserId[], config: Config): UserId[] {
  return invite.filter((userId) => isLocal(userId, config));
}

/** Users of other servers. The room is there: who cannot be reached is left out, and may be invited again. */
async function inviteOthers(
  parts: CreateRoomParts,
  roomId: RoomId,
  creator: UserId,
  { invite, isDirect }: CreateRoomRequest,
): Promise<void> {
  const others = invite.filter((userId) => !isLocal(userId, parts.config));
  await mapConcurrently(others, maxInvitedAtOnce, async (userId) => {
    const content = { membership: 'invite', ...(isDirect ? { is_direct: true } : {}) };
    const event = { sender: creator, type: 'm.room.member', stateKey: userId, content };
    const invited = await appendMember(parts, roomId, event);
    if (invited.kind === 'denied') {
      log('info', 'room.invite_failed', { roomId, userId, error: invited.error });
    }
  });
}

async function people(
  { db, config }: CreateRoomParts,
  creator: UserId,
  { invite, isDirect }: CreateRoomRequest,
) {
  const more = isDirect ? { is_direct: true } : {};
  const invites = await Promise.all(
    ours(invite, config).map(async (userId) => ({
      userId,
      content: await memberContent(db, config, userId, 'invite', more),
    })),
  );
  return { creatorContent: await memberContent(db, config, creator, 'join'), invites };
}

function wantedAlias({ aliasName, appservice }: CreateRoomRequest, config: Config): RoomAlias | undefined {
  if (aliasName === undefined) return undefined;
  const alias = localAlias(aliasName, config);
  requireUnreserved(alias, config, appservice);
  return alias;
}

/** No other alias leads to a room that is only about to be made. @throws `M_BAD_ALIAS` */
function requireNoOtherAliases(state: readonly InitialState[], own: RoomAlias | undefined): void {
  for (const { content } of state.filter(({ type }) => type === 'm.room.canonical_alias')) {
    if (aliasesIn(content).every((alias) => alias === own)) continue;
    throw new MatrixError(400, 'M_BAD_ALIAS', 'initial_state publishes an alias that is not of this room');
  }
}
