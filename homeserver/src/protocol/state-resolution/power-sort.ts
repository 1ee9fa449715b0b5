import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import type { EventGraph } from './event-source.ts';
import { authStateOf } from './iterative-auth-checks.ts';

/** An event that might take somebody's ability to do something in the room. */
export function isPowerEvent(event: Pdu): boolean {
  switch (event.type) {
    case 'm.room.power_levels':
    case 'm.room.join_rules':
      return event.state_key === '';
    case 'm.room.member':
      return (
        (event.content.membership === 'leave' || event.content.membership === 'ban') &&
        event.state_key !== undefined &&
        event.sender !== event.state_key
      );
    default:
      return false;
  }
}

interface Candidate {
  eventId: EventId;
  power: number;
  ts: number;
}

/** Reverse topological power ordering: Kahn's algorithm, taking the smallest candidate at each step. */
export function powerSort(
  eventIds: ReadonlySet<EventId>,
  graph: EventGraph,
  version: RoomVersion,
): EventId[] {
  const waitingFor = new Map<EventId, number>();
  const authorises = new Map<EventId, EventId[]>();
  const ready: Candidate[] = [];
  const makeReady = (eventId: EventId) => insertSorted(ready, candidate(eventId, graph, version));

  for (const eventId of eventIds) {
    const authIds = new Set(graph.authEvents(eventId).filter((authId) => eventIds.has(authId)));
    waitingFor.set(eventId, authIds.size);
    for (const authId of authIds) {
      const authorised = authorises.get(authId);
      if (authorised) authorised.push(eventId);
      else authorises.set(authId, [eventId]);
    }
    if (authIds.size === 0) makeReady(eventId);
  }
  const sorted: EventId[] = [];
  for (let smallest = ready.pop(); smallest; smallest = ready.pop()) {
    sorted.push(smallest.eventId);
    for (const eventId of authorises.get(smallest.eventId) ?? []) {
      const left = (waitingFor.get(eventId) ?? 0) - 1;
      waitingFor.set(eventId, left);
      if (left === 0) makeReady(eventId);
    }
  }
  return sorted;
}

/** With the power that the sender has by the event's own auth events. */
function candidate(eventId: EventId, graph: EventGraph, version: RoomVersion): Candidate {
  const event = graph.get(eventId);
  const power = userPower(event.sender, authStateOf(event, graph, version), version);
  return { eventId, power, ts: event.origin_server_ts };
}

/** Negative if `one` comes first. */
function compare(one: Candidate, other: Candidate): number {
  if (one.power !== other.power) return one.power > other.power ? -1 : 1;
  if (one.ts !== other.ts) return one.ts - other.ts;
  return one.eventId < other.eventId ? -1 : 1;
}

/** Keeps the list ordered with the smallest at its end. */
function insertSorted(list: Candidate[], added: Candidate): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = list[middle];
    if (at && compare(at, added) > 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, added);
}
