import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { fromDenial, MatrixError } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import type { AppendInput, UpgradeSource } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';
import { roomIdOfCreate } from '../protocol/event-hash.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';
import { moveAliases } from '../storage/d1/aliases.ts';
import { moveListing } from '../storage/d1/public-rooms.ts';
import {
  beginUpgrade,
  findUpgrade,
  finishUpgrade,
  forgetUpgrade,
  type RoomUpgrade,
} from '../storage/d1/room-upgrades.ts';
import { appendEvent } from './append-event.ts';
import { without } from './canonical-alias.ts';
import { makeCreateEvent, requireVersion } from './create-event.ts';
import { inheritSettings } from './inherit-settings.ts';
import { memberContent } from './member-content.ts';
import { silencedPowerLevels } from './upgraded-power-levels.ts';
import { upgradedCreateContent, upgradedRoomEvents } from './upgraded-room-events.ts';

interface Parts {
  env: Env;
  db: DrizzleD1Database;
  config: Config;
  stubs: Stubs;
}

export interface UpgradeRequest {
  roomId: RoomId;
  upgrader: UserId;
  versionId: string;
  additionalCreators: readonly UserId[];
}

/**
 * Replaces a room by one of another version: client-server API, "Room Upgrades".
 *
 * 1. What is to be done is stored, with the create event of the new room and so its id.
 * 2. The new room is made with all that it takes over.
 * 3. The old room gets its tombstone.
 * 4. Aliases and the place in the directory move.
 * 5. The old room falls silent, and the upgrade is marked as finished.
 *
 * Every step may be done again, so who asks again after a crash finishes the same upgrade; asking for what has
 * been done gives the same room.
 * @throws MatrixError: `M_FORBIDDEN` without the power for a tombstone, `M_UNSUPPORTED_ROOM_VERSION`
 */
export async function upgradeRoom(parts: Parts, request: UpgradeRequest, nowMs: number): Promise<RoomId> {
  const { db } = parts;
  const { roomId, upgrader } = request;
  const version = requireVersion(request.versionId);
  const source = await readSource(parts, roomId, upgrader);
  const known = await findUpgrade(db, roomId);
  if (known && !known.isFinished) await finish(parts, known, nowMs);
  const isInForce = known && (!known.isFinished || source.replacement === known.newRoomId);
  if (isInForce && known.newVersion === version.id) return known.newRoomId;
  await beginUpgrade(db, planUpgrade(parts.config, request, source, version, nowMs));
  // The one of another request, if that was first.
  const begun = await findUpgrade(db, roomId);
  if (!begun) throw new MatrixError(409, 'M_UNKNOWN', 'The upgrade was given up meanwhile');
  await finish(parts, begun, nowMs);
  return begun.newRoomId;
}

function planUpgrade(
  config: Config,
  { roomId, upgrader, additionalCreators }: UpgradeRequest,
  source: UpgradeSource,
  version: RoomVersion,
  nowMs: number,
): Omit<RoomUpgrade, 'isFinished'> {
  const others = version.creatorsHaveInfinitePower
    ? [...new Set(additionalCreators)].filter((userId) => userId !== upgrader)
    : [];
  const content = upgradedCreateContent(roomId, source, version, others);
  const createEvent = makeCreateEvent(config, version, upgrader, content, nowMs);
  const newRoomId = roomIdOfCreate(createEvent, version);
  return { oldRoomId: roomId, newRoomId, newVersion: version.id, upgrader, createEvent };
}

async function finish(parts: Parts, upgrade: RoomUpgrade, nowMs: number): Promise<void> {
  if (upgrade.isFinished) return;
  const source = await orForget(parts, upgrade, async () => {
    const before = await readSource(parts, upgrade.oldRoomId, upgrade.upgrader);
    await makeNewRoom(parts, upgrade, before);
    await send(parts, upgrade.oldRoomId, {
      sender: upgrade.upgrader,
      type: 'm.room.tombstone',
      stateKey: '',
      content: { body: 'This room has been replaced', replacement_room: upgrade.newRoomId },
    });
    return before;
  });
  await moveAddresses(parts, upgrade, source);
  await moveListing(parts.db, upgrade.oldRoomId, upgrade.newRoomId);
  await silence(parts, upgrade, source);
  await inheritSettings(parts, upgrade.upgrader, upgrade.newRoomId);
  await finishUpgrade(parts.db, upgrade, nowMs);
}

/** A refusal ends the upgrade; after any other failure it can be gone on with. */
async function orForget<Result>(
  { db }: Parts,
  upgrade: RoomUpgrade,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MatrixError) await forgetUpgrade(db, upgrade);
    throw error;
  }
}

async function readSource({ stubs }: Parts, roomId: RoomId, userId: UserId): Promise<UpgradeSource> {
  const source = await stubs.room(roomId).readForUpgrade(userId);
  if (source.kind === 'denied') throw fromDenial(source);
  return source;
}

async function makeNewRoom(
  { db, config, stubs }: Parts,
  { newRoomId, newVersion, upgrader, createEvent }: RoomUpgrade,
  source: UpgradeSource,
): Promise<void> {
  const version = roomVersion(newVersion) ?? requireVersion(newVersion);
  const content = createEvent.content as { additional_creators?: UserId[] };
  const events = upgradedRoomEvents({
    source,
    version,
    upgrader,
    upgraderContent: await memberContent(db, config, upgrader, 'join'),
    creators: [upgrader, ...(content.additional_creators ?? [])],
  });
  const result = await stubs.room(newRoomId).create({ roomVersion: newVersion, createEvent, events });
  // It was made by an earlier attempt: nobody else has its id.
  if (result.kind === 'created' || result.errcode === 'M_ROOM_IN_USE') return;
  throw result.errcode === 'M_FORBIDDEN' || result.errcode === 'M_BAD_JSON'
    ? new MatrixError(400, 'M_INVALID_ROOM_STATE', result.error)
    : fromDenial(result);
}

/** Local aliases lead to the new room; both rooms say so. */
async function moveAddresses(parts: Parts, upgrade: RoomUpgrade, source: UpgradeSource): Promise<void> {
  const { oldRoomId, newRoomId, upgrader: sender } = upgrade;
  const moved = new Set<string>(await moveAliases(parts.db, oldRoomId, newRoomId));
  const published = source.canonicalAlias ?? {};
  const state = { sender, type: 'm.room.canonical_alias', stateKey: '' };
  const ofNew = without(published, (alias) => !moved.has(alias));
  if (Object.keys(ofNew).length > 0) await trySend(parts, newRoomId, { ...state, content: ofNew });
  const ofOld = without(published, (alias) => moved.has(alias));
  if (JSON.stringify(ofOld) !== JSON.stringify(published)) {
    await trySend(parts, oldRoomId, { ...state, content: ofOld });
  }
}

async function silence(parts: Parts, upgrade: RoomUpgrade, source: UpgradeSource): Promise<void> {
  const version = roomVersion(source.roomVersion);
  if (!version) return;
  await trySend(parts, upgrade.oldRoomId, {
    sender: upgrade.upgrader,
    type: 'm.room.power_levels',
    stateKey: '',
    content: silencedPowerLevels(source.powerLevels ?? {}, version),
  });
}

async function send(parts: Parts, roomId: RoomId, input: AppendInput): Promise<void> {
  const result = await appendEvent(parts, roomId, input);
  if (result.kind === 'denied') throw fromDenial(result);
}

/** For what the specification wants "if possible". */
async function trySend(parts: Parts, roomId: RoomId, input: AppendInput): Promise<void> {
  try {
    await send(parts, roomId, input);
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    log('info', 'upgrade.step_refused', { roomId, type: input.type, error: errorText(error) });
  }
}
