/**
 * Matrix identifiers as branded strings. Only the parsers here make them, so a value of one of these
 * types has passed the grammar of the specification ("Appendices: Identifier Grammar").
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Branded<'UserId'>;
export type RoomId = Branded<'RoomId'>;
export type EventId = Branded<'EventId'>;
export type RoomAlias = Branded<'RoomAlias'>;
export type DeviceId = Branded<'DeviceId'>;
export type ServerName = Branded<'ServerName'>;
export type MxcUri = Branded<'MxcUri'>;

/** Longest identifier, in bytes of UTF-8, sigil and server name included. */
const maxIdentifierBytes = 255;

const encoder = new TextEncoder();

export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Appendices, "Server Name": host name, IPv4 or bracketed IPv6 literal, optional port. */
const serverNamePattern = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?::[0-9]{1,5})?$/;
/** What new local users may be called. */
const localpartPattern = /^[a-z0-9._=\-/+]+$/;
/** What users of other servers may be called ("Historical User IDs"): anything without a colon or NUL. */
const historicalLocalpartPattern = /^[^:\0]*$/;
/** A room id of versions 1–11 has a domain; one of version 12 is the create event's hash. */
const hashRoomIdPattern = /^![A-Za-z0-9_-]{43}$/;
/** An event id is opaque: one of versions 1 and 2 has a domain, the later ones are a hash. */
const eventIdPattern = /^\$[^\s\0]+$/;

export function parseServerName(text: string): ServerName | undefined {
  return serverNamePattern.test(text) && utf8Length(text) <= 230 ? (text as ServerName) : undefined;
}

export function parseUserId(text: string): UserId | undefined {
  const parts = splitSigil(text, '@');
  if (!parts || !historicalLocalpartPattern.test(parts.local) || !text.isWellFormed()) return undefined;
  return text as UserId;
}

/** A user id that this server may create: the strict grammar and a local server name. */
export function makeUserId(localpart: string, serverName: ServerName): UserId | undefined {
  const text = `@${localpart}:${serverName}`;
  return localpartPattern.test(localpart) && utf8Length(text) <= maxIdentifierBytes
    ? (text as UserId)
    : undefined;
}

export function parseRoomId(text: string): RoomId | undefined {
  if (hashRoomIdPattern.test(text)) return text as RoomId;
  return splitSigil(text, '!') ? (text as RoomId) : undefined;
}

export function parseEventId(text: string): EventId | undefined {
  return eventIdPattern.test(text) && utf8Length(text) <= maxIdentifierBytes ? (text as EventId) : undefined;
}

export function parseRoomAlias(text: string): RoomAlias | undefined {
  return splitSigil(text, '#') ? (text as RoomAlias) : undefined;
}

export function parseDeviceId(text: string): DeviceId | undefined {
  return text.length > 0 && utf8Length(text) <= maxIdentifierBytes && !text.includes('\0')
    ? (text as DeviceId)
    : undefined;
}

export function parseMxcUri(text: string): { serverName: ServerName; mediaId: string } | undefined {
  const match = /^mxc:\/\/([^/]+)\/([A-Za-z0-9_-]{1,255})$/.exec(text);
  const serverName = match?.[1] === undefined ? undefined : parseServerName(match[1]);
  return serverName && match?.[2] ? { serverName, mediaId: match[2] } : undefined;
}

/** The server name of a user id or alias, port included; everything after the first colon. */
export function serverNameOf(id: UserId | RoomAlias): ServerName {
  return id.slice(id.indexOf(':') + 1) as ServerName;
}

export function localpartOf(id: UserId | RoomAlias): string {
  return id.slice(1, id.indexOf(':'));
}

function splitSigil(text: string, sigil: string): { local: string; server: ServerName } | undefined {
  if (!text.startsWith(sigil) || text.includes('\0') || utf8Length(text) > maxIdentifierBytes)
    return undefined;
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const server = parseServerName(text.slice(colon + 1));
  return server ? { local: text.slice(1, colon), server } : undefined;
}
