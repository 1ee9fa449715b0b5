import type { EventId, RoomId, ServerName } from '../../../matrix/identifiers.ts';
import { log } from '../../../platform/log.ts';
import type { TimelineGap } from '../objects/room-serving-rpc.ts';
import { prevEventIds } from '../protocol/pdu.ts';
import { roomVersion } from '../protocol/room-versions.ts';
import { type Asking, askEvent, askEventAtTime } from './ask-server.ts';
import type { FederationParts } from './federation-parts.ts';
import { bringState } from './inbound/bring-state.ts';
import { soundEvents } from './inbound/sound-events.ts';

/** Servers that are tried, one after the other. */
const maxServers = 3;

export interface TimeQuery {
  timeMs: number;
  dir: 'f' | 'b';
  /** The time of the closest event that is here. */
  foundMs: number | undefined;
}

/**
 * Looks elsewhere for an event that is closer to a time than what is here, and puts it into the gap there:
 * server-server API, `GET /timestamp_to_event/{roomId}`. @returns whether the room has one now
 */
export async function findByTime(
  parts: FederationParts,
  roomId: RoomId,
  gap: TimelineGap,
  query: TimeQuery,
): Promise<boolean> {
  const room = parts.stubs.room(roomId);
  const version = roomVersion((await room.roomVersionId()) ?? '');
  if (!version) return false;
  const servers = (await room.serversInRoom()).slice(0, maxServers) as ServerName[];
  for (const server of servers) {
    const asking: Asking = { env: parts.env, server, roomId, version };
    const told = await askEventAtTime(asking, query.timeMs, query.dir);
    if (!told || !isCloser(told.originServerTs, query)) continue;
    if (await fetchInto(parts, asking, gap, told.eventId, query)) return true;
  }
  return false;
}

/** What a server says of an event's time counts only if the event says so, too. */
async function fetchInto(
  parts: FederationParts,
  asking: Asking,
  gap: TimelineGap,
  eventId: EventId,
  query: TimeQuery,
): Promise<boolean> {
  const { roomId, version, server } = asking;
  const room = parts.stubs.room(roomId);
  const { sound } = await soundEvents(parts.env, version, roomId, await askEvent(asking, eventId));
  const [event] = sound;
  if (event?.eventId !== eventId || !isCloser(event.pdu.origin_server_ts, query)) return false;
  const isAlone = (await room.unplacedOf(prevEventIds(event.pdu))).length > 0;
  const state = isAlone ? await bringState(parts, asking, eventId) : undefined;
  if (isAlone && !state) return false;
  const result = await room.placeInGap(gap.position, { ...event.pdu }, state);
  log('debug', 'federation.found_by_time', { roomId, server, eventId, result: result.kind });
  return result.kind === 'accepted' || result.kind === 'known';
}

function isCloser(ts: number, { timeMs, dir, foundMs }: TimeQuery): boolean {
  if (dir === 'f' ? ts < timeMs : ts > timeMs) return false;
  return foundMs === undefined || Math.abs(ts - timeMs) < Math.abs(foundMs - timeMs);
}
