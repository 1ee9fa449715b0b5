import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { fromDenial } from '../../../matrix/errors.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import type { AppendResult } from '../objects/room-rpc.ts';
import { type AppendParts, appendEvent } from './append-event.ts';
import { requireUnblocked } from './blocked-rooms.ts';
import { inheritSettings } from './inherit-settings.ts';
import { isJoinedToAny } from './joined-to.ts';
import { memberContent } from './member-content.ts';

interface Parts extends AppendParts {
  db: DrizzleD1Database;
  config: Config;
}

/** Joins with the user's profile. Joining twice is the same as once. @throws MatrixError */
export async function joinRoom(
  parts: Parts,
  roomId: RoomId,
  userId: UserId,
  more: JsonObject,
): Promise<EventId> {
  const { db, config, stubs } = parts;
  const [content] = await Promise.all([
    memberContent(db, config, userId, 'join', more),
    requireUnblocked(db, roomId),
  ]);
  const eventId = await joinWith(parts, roomId, userId, content);
  await inheritSettings({ config, stubs }, userId, roomId);
  return eventId;
}

/**
 * Of a restricted room into which nobody of this server may let anyone: the servers that may, for a user who is in one of
 * the rooms that it names.
 * @throws MatrixError 403 if the owner wants nobody there
 */
export async function serversThatLetIn(
  { db, stubs }: Pick<Parts, 'db' | 'stubs'>,
  roomId: RoomId,
  userId: UserId,
): Promise<ServerName[]> {
  await requireUnblocked(db, roomId);
  const terms = await stubs.room(roomId).joinTerms(userId);
  if (terms.kind === 'denied' || !terms.otherServers?.length) return [];
  return (await isJoinedToAny(stubs, userId, terms.allowedRooms)) ? terms.otherServers : [];
}

/**
 * Joins with a given member event. If the room is restricted, a membership in one of the rooms that it names
 * is looked for, and a member of this server authorises the join.
 */
export async function joinWith(
  parts: AppendParts,
  roomId: RoomId,
  userId: UserId,
  content: JsonObject,
  originServerTs?: number,
): Promise<EventId> {
  const join = (joined: JsonObject): Promise<AppendResult> =>
    appendEvent(parts, roomId, {
      sender: userId,
      type: 'm.room.member',
      stateKey: userId,
      content: joined,
      ...(originServerTs === undefined ? {} : { originServerTs }),
    });
  const { join_authorised_via_users_server: _, ...own } = content;
  const plain = await join(own);
  if (plain.kind === 'accepted') return plain.eventId;
  if (plain.status !== 403) throw fromDenial(plain);
  const terms = await parts.stubs.room(roomId).joinTerms(userId);
  if (terms.kind === 'denied' || !terms.authorisedVia) throw fromDenial(plain);
  if (!(await isJoinedToAny(parts.stubs, userId, terms.allowedRooms))) throw fromDenial(plain);
  const authorised = await join({ ...own, join_authorised_via_users_server: terms.authorisedVia });
  if (authorised.kind === 'denied') throw fromDenial(authorised);
  return authorised.eventId;
}
