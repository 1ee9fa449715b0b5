import { badJson, unsupportedRoomVersion } from '../../../matrix/errors.ts';
import type { EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { randomName } from '../../../platform/random-name.ts';
import type { Config } from '../config.ts';
import { buildEvent } from '../protocol/build-event.ts';
import { CanonicalJsonError } from '../protocol/canonical-json.ts';
import type { Pdu } from '../protocol/pdu.ts';
import { type RoomVersion, roomVersion } from '../protocol/room-versions.ts';

/** A version that this server makes rooms of. @throws `M_UNSUPPORTED_ROOM_VERSION` */
export function requireVersion(id: string): RoomVersion {
  const version = roomVersion(id);
  if (!version) throw unsupportedRoomVersion(id);
  return version;
}

/**
 * The create event of a new room, which before version 12 gets a random id, as the event in versions 1 and 2.
 * @throws `M_BAD_JSON` for content that is not canonical JSON
 */
export function makeCreateEvent(
  config: Config,
  version: RoomVersion,
  sender: UserId,
  content: JsonObject,
  originServerTs: number,
): Pdu {
  const roomId =
    version.roomIds === 'domain' ? { roomId: `!${randomName()}:${config.serverName}` as RoomId } : undefined;
  try {
    return buildEvent({
      ...roomId,
      ...(version.eventIds === 'assigned'
        ? { eventId: `$${randomName()}:${config.serverName}` as EventId }
        : {}),
      version,
      sender,
      type: 'm.room.create',
      stateKey: '',
      content,
      prevEvents: [],
      authEvents: [],
      depth: 1,
      originServerTs,
      serverName: config.serverName,
      signingKey: config.signingKey,
    }).pdu;
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw badJson(`creation_content: ${error.message}`);
    throw error;
  }
}
