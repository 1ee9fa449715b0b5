import { forbidden, invalidParam, MatrixError, notFound, tooLarge } from '../../../../../matrix/errors.ts';
import { parseRoomId, type RoomId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { limits } from '../../../../../matrix/limits.ts';
import type { Requester } from '../../endpoint.ts';

/** What account data, tags and filters have in common: they are one's own. */

/** @throws `M_FORBIDDEN` if the path names another user than the requester */
export function requireSelf(params: Record<string, string>, requester: Requester): void {
  if (params.userId !== requester.userId) throw forbidden('This belongs to another user');
}

/** @throws `M_INVALID_PARAM` */
export function roomOf(params: Record<string, string>): RoomId {
  const roomId = parseRoomId(params.roomId ?? '');
  if (!roomId) throw invalidParam('roomId is not a room id');
  return roomId;
}

/** @throws `M_NOT_FOUND` */
export function found<T>(value: T | undefined, message = 'There is no such account data'): T {
  if (value === undefined) throw notFound(message);
  return value;
}

/** Checks a type and a content that a client wants to store. */
export function checkWritable(type: string, content: JsonObject): void {
  if (type === 'm.push_rules' || type === 'm.fully_read') {
    throw new MatrixError(405, 'M_BAD_JSON', `${type} has endpoints of its own`);
  }
  if (type.length === 0 || type.length > limits.maxIdentifierBytes) throw invalidParam('type is too long');
  if (Buffer.byteLength(JSON.stringify(content)) > limits.maxAccountDataBytes) throw tooLarge();
}
