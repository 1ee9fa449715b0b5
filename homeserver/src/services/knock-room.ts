import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { fromDenial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import { type AppendParts, appendEvent } from './append-event.ts';
import { requireUnblocked } from './blocked-rooms.ts';
import { memberContent } from './member-content.ts';

/** Asks to be invited, showing the user's profile. @throws MatrixError */
export async function knockRoom(
  parts: AppendParts & { db: DrizzleD1Database; config: Config },
  roomId: RoomId,
  userId: UserId,
  more: JsonObject,
): Promise<void> {
  const { db, config } = parts;
  const [content] = await Promise.all([
    memberContent(db, config, userId, 'knock', more),
    requireUnblocked(db, roomId),
  ]);
  const input = { sender: userId, type: 'm.room.member', stateKey: userId, content };
  const result = await appendEvent(parts, roomId, input);
  if (result.kind === 'denied') throw fromDenial(result);
}
