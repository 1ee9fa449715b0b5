import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { EventId, RoomId } from '../../../../../matrix/identifiers.ts';
import init from '../../../../../migrations/objects/room/0001-init.sql';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import { migrate } from '../../../../../platform/sqlite-migrate.ts';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { version } from '../../../protocol/testing/versions.ts';
import { eventById } from '../../../storage/room/events.ts';
import { createRoom } from '../create-room.ts';
import type { Room } from '../room.ts';
import type { RemoteRoom } from './remote-room.ts';
import { checkReplay } from './replay-check.ts';
import { roomStub } from './test-room.ts';

/**
 * Runs `body` inside an object of this name, on a new room that has the create event of `remote` alone. The name is
 * not the room's, so that the same room can be had several times.
 */
export function inRoom<Result>(
  name: string,
  remote: RemoteRoom,
  body: (room: Room) => Result,
): Promise<Result> {
  return runInDurableObject(roomStub(name), (_instance, { storage }) => {
    const sqlite = new Sqlite(storage);
    const parts = { sqlite, config: readConfig(env as unknown as Env) };
    const input = { roomVersion: remote.version.id, createEvent: remote.create.pdu, events: [] };
    const room = createRoom(parts, remote.roomId, input, () => migrate(sqlite, [init]), 0);
    if ('kind' in room) throw new Error(room.error);
    return body(room);
  });
}

/** `checkReplay` in the object of a room that was made by RPC. */
export function checkRoom(roomId: RoomId, versionId: string): Promise<void> {
  return runInDurableObject(roomStub(roomId), (_instance, { storage }) => {
    const config = readConfig(env as unknown as Env);
    checkReplay({ sqlite: new Sqlite(storage), roomId, version: version(versionId), config });
  });
}

/** Whether the room has the event in its graph. */
export function isPlaced(room: Room, eventId: EventId): boolean {
  const event = eventById(room.sqlite, eventId);
  return event !== undefined && (event.position > 0 || event.place !== undefined);
}
