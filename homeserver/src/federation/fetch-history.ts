import type { EventId, RoomId, ServerName } from '../../../matrix/identifiers.ts';
import { log } from '../../../platform/log.ts';
import { prevEventIds } from '../protocol/pdu.ts';
import { roomVersion } from '../protocol/room-versions.ts';
import { type Asking, askBackfill } from './ask-server.ts';
import type { FederationParts } from './federation-parts.ts';
import { bringState } from './inbound/bring-state.ts';
import { type SoundEvent, soundEvents } from './inbound/sound-events.ts';

/** Events that are asked for. */
const maxEvents = 100;
/** Servers that are tried, one after the other. */
const maxServers = 3;
/** Ends of what came whose state is asked for; history is mostly a line. */
const maxEnds = 3;

export interface Gap {
  position: number;
  missing: EventId[];
}

/**
 * Fetches history that is missing before an event of the timeline: server-server API, "Backfilling and retrieving missing
 * events". @returns whether the room has more now
 */
export async function fetchHistory(parts: FederationParts, roomId: RoomId, gap: Gap): Promise<boolean> {
  const room = parts.stubs.room(roomId);
  const version = roomVersion((await room.roomVersionId()) ?? '');
  const servers = (await room.serversInRoom()).slice(0, maxServers) as ServerName[];
  if (!version || gap.missing.length === 0) return false;
  for (const server of servers) {
    const asking: Asking = { env: parts.env, server, roomId, version };
    const found = await askBackfill(asking, gap.missing.slice(0, 20), maxEvents);
    const { sound } = await soundEvents(parts.env, version, roomId, found);
    if (sound.length === 0) continue;
    const statesBefore = await statesOfEnds(parts, asking, sound);
    const pdus = sound.map(({ pdu }) => ({ ...pdu }));
    const results = await room.fillGap(gap.position, { pdus, statesBefore });
    const filled = Array.isArray(results) ? results.filter(({ kind }) => kind === 'accepted').length : 0;
    log('debug', 'federation.history_fetched', { roomId, server, came: found.length, filled });
    if (filled > 0) return true;
  }
  return false;
}

/** The states before those events of which something earlier is neither there nor came. */
async function statesOfEnds(
  parts: FederationParts,
  asking: Asking,
  events: readonly SoundEvent[],
): Promise<Record<EventId, EventId[]>> {
  const came = new Set(events.map(({ eventId }) => eventId));
  const earlier = events.flatMap(({ pdu }) => prevEventIds(pdu)).filter((id) => !came.has(id));
  const absent = new Set(await parts.stubs.room(asking.roomId).unplacedOf([...new Set(earlier)]));
  const ends = events.filter(({ pdu }) => prevEventIds(pdu).some((id) => absent.has(id))).slice(0, maxEnds);
  const states: Record<EventId, EventId[]> = {};
  for (const { eventId } of ends) {
    const state = await bringState(parts, asking, eventId);
    if (state) states[eventId] = state;
  }
  return states;
}
