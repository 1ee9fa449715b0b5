import * as v from 'valibot';
import { type RoomId, type ServerName, serverNameOf, type UserId } from '../../../../matrix/identifiers.ts';
import { roomIdField, userIdField } from './edu-fields.ts';
import type { EduPorts } from './receive-edus.ts';

const schema = v.object({ room_id: roomIdField, user_id: userIdField, typing: v.boolean() });

/** Whoever types has to be seen to go on. */
const typingMs = 30_000;

/** Server-server API, "Typing Notifications". */
export async function receiveTyping(
  { stubs }: EduPorts,
  origin: ServerName,
  content: unknown,
): Promise<void> {
  const parsed = v.safeParse(schema, content);
  if (!parsed.success) return;
  const { room_id: roomId, user_id: userId, typing } = parsed.output;
  if (serverNameOf(userId) !== origin) return;
  await stubs.room(roomId as RoomId).setTyping(userId as UserId, typing ? typingMs : false, origin);
}
