import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { invalidParam, MatrixError } from '../../../matrix/errors.ts';
import { parseRoomAlias, type RoomAlias, type RoomId, type UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';
import type { Stubs } from '../objects/stubs.ts';
import { findAlias } from '../storage/d1/aliases.ts';
import { type AppendParts, appendEvent } from './append-event.ts';

/**
 * A room may publish as its own only aliases that lead to it; those it has published already may stay.
 * @throws `M_BAD_ALIAS`, or `M_INVALID_PARAM` for what is no alias
 */
export async function requireOwnAliases(
  db: DrizzleD1Database,
  stubs: Stubs,
  userId: UserId,
  roomId: RoomId,
  content: JsonObject,
): Promise<void> {
  const wanted = aliasesIn(content);
  if (wanted.length === 0) return;
  const present = await stubs.room(roomId).readStateEvent(userId, 'm.room.canonical_alias', '');
  const published = present.kind === 'event' ? aliasesIn(present.event.content) : [];
  for (const text of wanted.filter((alias) => !published.includes(alias))) {
    const alias = typeof text === 'string' ? parseRoomAlias(text) : undefined;
    if (!alias) throw invalidParam(`${JSON.stringify(text)} is not an alias`);
    const row = await findAlias(db, alias);
    if (row?.roomId !== roomId) throw new MatrixError(400, 'M_BAD_ALIAS', `${alias} is not of this room`);
  }
}

/** Takes an alias that leads nowhere any more out of the room's state, if the user has the power for that. */
export async function unpublishAlias(
  parts: AppendParts,
  userId: UserId,
  roomId: RoomId,
  alias: RoomAlias,
): Promise<void> {
  const present = await parts.stubs.room(roomId).readStateEvent(userId, 'm.room.canonical_alias', '');
  if (present.kind === 'denied' || !aliasesIn(present.event.content).includes(alias)) return;
  const content = without(present.event.content, (one) => one === alias);
  const input = { sender: userId, type: 'm.room.canonical_alias', stateKey: '', content };
  await appendEvent(parts, roomId, input);
}

/** What the state event is to say when some aliases are no longer to be published. */
export function without(content: JsonObject, isGone: (alias: string) => boolean): JsonObject {
  const { alias, alt_aliases: others, ...more } = content;
  const stays = (value: JsonValue | undefined) => typeof value === 'string' && !isGone(value);
  const left = Array.isArray(others) ? others.filter(stays) : [];
  return {
    ...more,
    ...(stays(alias) ? { alias } : {}),
    ...(left.length > 0 ? { alt_aliases: left } : {}),
  };
}

export function aliasesIn({ alias, alt_aliases: others }: JsonObject): JsonValue[] {
  return [
    ...(alias === undefined || alias === null || alias === '' ? [] : [alias]),
    ...(Array.isArray(others) ? others : []),
  ];
}
