import * as v from 'valibot';
import { type Denial, fromDenial, invalidParam, notFound } from '../../../../matrix/errors.ts';
import {
  type EventId,
  parseEventId,
  parseRoomAlias,
  parseRoomId,
  parseServerName,
  parseUserId,
  type RoomAlias,
  type RoomId,
  type ServerName,
  serverNameOf,
  type UserId,
} from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import { openD1 } from '../../../../platform/d1.ts';
import { askDirectory } from '../../federation/outbound/ask-directory.ts';
import type { Viewer } from '../../objects/room-rpc.ts';
import { queryAlias } from '../../services/appservice-queries.ts';
import { findAlias } from '../../storage/d1/aliases.ts';
import type { Call, Requester } from '../endpoint.ts';

/** What the endpoints of rooms have in common: their parameters, and refusals of the room's object. */

export function roomIdParam(text: string | undefined): RoomId {
  const roomId = parseRoomId(text ?? '');
  if (!roomId) throw invalidParam('Not a room id');
  return roomId;
}

export function eventIdParam(text: string | undefined): EventId {
  const eventId = parseEventId(text ?? '');
  if (!eventId) throw invalidParam('Not an event id');
  return eventId;
}

export function userIdParam(text: string | undefined): UserId {
  const userId = parseUserId(text ?? '');
  if (!userId) throw invalidParam('Not a user id');
  return userId;
}

export function aliasParam(text: string | undefined): RoomAlias {
  const alias = parseRoomAlias(text ?? '');
  if (!alias) throw invalidParam('Not a room alias');
  return alias;
}

/** The room that a path names by id or alias. @throws `M_NOT_FOUND` */
export async function resolveRoom(call: Call<unknown, unknown>, text: string | undefined): Promise<RoomId> {
  if (!text?.startsWith('#')) return roomIdParam(text);
  const roomId = await roomOfAlias(call, aliasParam(text));
  if (!roomId) throw notFound('No room has this alias');
  return roomId;
}

/** The same; an alias of another server is asked for there. @returns servers that are in the room, if it told any */
export async function resolveRoomAnywhere(
  call: Call<unknown, unknown>,
  text: string | undefined,
): Promise<{ roomId: RoomId; servers: ServerName[] }> {
  if (!text?.startsWith('#')) return { roomId: roomIdParam(text), servers: [] };
  const alias = aliasParam(text);
  const found =
    serverNameOf(alias) === call.config.serverName
      ? await roomOfAlias(call, alias)
      : await askDirectory(call.env, alias);
  if (!found) throw notFound('No room has this alias');
  return typeof found === 'string' ? { roomId: found, servers: [] } : found;
}

/** An alias that an application service reserves may come to be by asking it. */
export async function roomOfAlias(
  { env, config }: Call<unknown, unknown>,
  alias: RoomAlias,
): Promise<RoomId | undefined> {
  const db = openD1(env.DB, config.meter);
  const known = await findAlias(db, alias);
  if (known) return known.roomId;
  if (!(await queryAlias(env, config, alias))) return undefined;
  return (await findAlias(db, alias))?.roomId;
}

/** @throws what the object refused */
export function granted<Result extends { kind: string }>(result: Result): Exclude<Result, Denial> {
  if (result.kind === 'denied') throw fromDenial(result as Result & Denial);
  return result as Exclude<Result, Denial>;
}

export function viewerOf({ userId, deviceId }: Requester): Viewer {
  return { userId, deviceId };
}

export const userIdField = v.pipe(
  v.string(),
  v.check((text) => parseUserId(text) !== undefined, 'not a user id'),
  v.transform((text) => text as UserId),
);

export const eventIdField = v.pipe(
  v.string(),
  v.check((text) => parseEventId(text) !== undefined, 'not an event id'),
  v.transform((text) => text as EventId),
);

/** Contents whose members are the clients' own; their size is that of the event. */
export const jsonObject = v.custom<JsonObject>(isJsonObject, 'not an object');

export const reasonField = v.optional(v.pipe(v.string(), v.maxLength(10_000)));

/** A whole number in a query. */
export function integerField(min: number, max: number) {
  return v.pipe(
    v.string(),
    v.regex(/^-?[0-9]{1,15}$/, 'not an integer'),
    v.transform(Number),
    v.minValue(min),
    v.transform((value) => Math.min(value, max)),
  );
}

/** A truth value in a query. */
export const booleanField = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((text) => text === 'true'),
);

/** `?ts=` of application services ("Timestamp massaging"), in epoch ms. */
export function massagedTimestamp(url: URL, requester: Requester): { originServerTs?: number } {
  const text = url.searchParams.get('ts');
  if (text === null || !requester.appservice) return {};
  if (!/^[0-9]{1,15}$/.test(text)) throw invalidParam('ts: not a time');
  return { originServerTs: Number(text) };
}

/** Servers that the client knows to be in the room; the older name of the parameter is `server_name`. */
export function viaOf({ searchParams }: URL): ServerName[] {
  const names = [...searchParams.getAll('via'), ...searchParams.getAll('server_name')];
  return names.map(parseServerName).filter((name) => name !== undefined);
}

/** The server that made the room, in whose name it was until version 12. */
export function serverOf(roomId: RoomId): ServerName[] {
  const name = parseServerName(roomId.slice(roomId.indexOf(':') + 1));
  return roomId.includes(':') && name ? [name] : [];
}
