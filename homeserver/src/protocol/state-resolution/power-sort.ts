import type { EventId } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import type { EventGraph } from './event-graph.ts';
import { Heap } from './heap.ts';
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
  const ready = new Heap<Candidate>(isBefore);
  const makeReady = (eventId: EventId) => ready.push(candidate(eventId, graph, version));

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
  const power = userPower(event.sender, authStateOf(eventId, graph, version), version);
  return { eventId, power, ts: event.origin_server_ts };
}

function isBefore(one: Candidate, other: Candidate): boolean {
  if (one.power !== other.power) return one.power > other.power;
  if (one.ts !== other.ts) return one.ts < other.ts;
  return one.eventId < other.eventId;
}
