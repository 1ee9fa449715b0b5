import { eventsById, newestPosition } from '../../../storage/room/events.ts';
import { cameMs, filesBetween } from '../../../storage/room/events-for-admins.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import type { ForwardExtremity } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

/** Events that one request looks at. */
const stretch = 5000;

export function forwardExtremities(room: Room): { kind: 'extremities'; events: ForwardExtremity[] } {
  const events = eventsById(room.sqlite, readExtremities(room.sqlite)).map(({ eventId, pdu }) => ({
    eventId,
    depth: Number(pdu.depth),
    cameMs: cameMs(room.sqlite, eventId) ?? 0,
  }));
  return { kind: 'extremities', events };
}

/** `mxc:` URIs, each once. Events that are encrypted name none that could be read here. */
export function mediaIn(
  room: Room,
  before: number = newestPosition(room.sqlite) + 1,
): { kind: 'media'; uris: string[]; next?: number } {
  const after = Math.max(0, before - 1 - stretch);
  const uris = filesBetween(room.sqlite, after, before).filter((url) => url.startsWith('mxc://'));
  return { kind: 'media', uris: [...new Set(uris)], ...(after > 0 && { next: after + 1 }) };
}
