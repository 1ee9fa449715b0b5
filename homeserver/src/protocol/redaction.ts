import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import type { Pdu } from './pdu.ts';
import type { RoomVersion } from './room-versions.ts';

/** The redaction algorithm of the room version. The input stays as it is; `unsigned` is not kept. */
export function redactPdu(pdu: Pdu, version: RoomVersion): Pdu {
  return redactEvent(pdu, version) as Pdu;
}

/** The same for an event that is not (or not yet) a complete PDU. */
export function redactEvent(event: JsonObject, version: RoomVersion): JsonObject {
  const redacted: JsonObject = {};
  for (const key of version.redaction.keys) {
    if (event[key] !== undefined) redacted[key] = event[key];
  }
  redacted.content = redactContent(String(event.type), event.content, version);
  return redacted;
}

function redactContent(type: string, content: unknown, version: RoomVersion): JsonObject {
  const rules = version.redaction.content;
  const kept = Object.hasOwn(rules, type) ? rules[type] : undefined;
  if (kept === undefined || !isJsonObject(content)) return {};
  if (kept === 'all') return content;
  const redacted: JsonObject = {};
  for (const path of kept) {
    const [key = path, inner] = path.split('.');
    const value = content[key];
    if (value === undefined) continue;
    if (inner === undefined) redacted[key] = value;
    // An object that loses all its keys stays as an empty one, as on other servers: the event's id depends on it.
    else if (isJsonObject(value)) redacted[key] = value[inner] === undefined ? {} : { [inner]: value[inner] };
  }
  return redacted;
}

/** The event that an `m.room.redaction` is aimed at, wherever this room version says so. */
export function redactionTarget(
  pdu: Pick<Pdu, 'content' | 'redacts'>,
  version: RoomVersion,
): string | undefined {
  const target = version.redacts === 'content' ? pdu.content.redacts : pdu.redacts;
  return typeof target === 'string' ? target : undefined;
}
