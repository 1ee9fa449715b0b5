import { forbidden, invalidParam } from '../../../../matrix/errors.ts';
import {
  type EventId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type ServerName,
  serverNameOf,
  type UserId,
} from '../../../../matrix/identifiers.ts';

/** Path parameters of the server-server API. @throws MatrixError 400 */
export function roomIdParam({ roomId = '' }: Record<string, string>): RoomId {
  const parsed = parseRoomId(roomId);
  if (!parsed) throw invalidParam('roomId is none');
  return parsed;
}

export function eventIdParam({ eventId = '' }: Record<string, string>): EventId {
  if (!eventId.startsWith('$') || eventId.length > 255) throw invalidParam('eventId is none');
  return eventId as EventId;
}

/** @throws MatrixError 403 if the user is of another server than the one that asks */
export function userIdParam({ userId = '' }: Record<string, string>, origin: ServerName): UserId {
  const parsed = parseUserId(userId);
  if (!parsed) throw invalidParam('userId is none');
  if (serverNameOf(parsed) !== origin) throw forbidden('The user is of another server');
  return parsed;
}

/** `ver`, repeated. The specification's default is version 1. */
export function versionsParam({ searchParams }: URL): string[] {
  const versions = searchParams.getAll('ver');
  return versions.length > 0 ? versions : ['1'];
}
