import * as v from 'valibot';
import {
  type EventId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../../../matrix/identifiers.ts';

/** Fields of EDUs. */
export const roomIdField = v.pipe(
  v.string(),
  v.check((value) => parseRoomId(value) !== undefined),
  v.transform((value) => value as RoomId),
);

export const userIdField = v.pipe(
  v.string(),
  v.check((value) => parseUserId(value) !== undefined),
  v.transform((value) => value as UserId),
);

export const eventIdField = v.pipe(
  v.string(),
  v.startsWith('$'),
  v.maxLength(255),
  v.transform((value) => value as EventId),
);
