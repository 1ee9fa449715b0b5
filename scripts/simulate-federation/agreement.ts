import type { Room } from '../../homeserver/src/objects/room/room.ts';
import { checkReplay } from '../../homeserver/src/objects/room/testing/replay-check.ts';
import { prevEventIds } from '../../homeserver/src/protocol/pdu.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import {
  type EventRow,
  eventColumns,
  fromEventRow,
  type StoredEvent,
} from '../../homeserver/src/storage/room/events.ts';
import { hasLocalMember } from '../../homeserver/src/storage/room/members.ts';
import { type EventId, type RoomId, serverNameOf } from '../../matrix/identifiers.ts';
import type { SimServer } from './sim-server.ts';

/** A server that is in the room, with what it has stored. */
export interface View {
  server: SimServer;
  room: Room;
  events: Map<EventId, StoredEvent>;
  /** `type key` → event id. */
  state: Map<string, EventId>;
  joined: string[];
  missing: EventId[];
}

export function viewsOf(servers: readonly SimServer[], roomId: RoomId, version: RoomVersion): View[] {
  return servers
    .filter((server) => server.holds(roomId))
    .map((server) => viewOf(server, roomId, version))
    .filter(({ room }) => hasLocalMember(room.sqlite));
}

function viewOf(server: SimServer, roomId: RoomId, version: RoomVersion): View {
  const room = server.stored(roomId, version);
  const rows = room.sqlite.all<EventRow>(`SELECT ${eventColumns} FROM events e`).map(fromEventRow);
  const idAt = new Map(rows.map(({ position, eventId }) => [position, eventId]));
  const current = room.sqlite.all<{
    type: string;
    state_key: string;
    position: number;
    membership: string | null;
  }>('SELECT type, state_key, position, membership FROM current_state ORDER BY type, state_key');
  const gaps = room.sqlite.all<{ missing: string }>('SELECT missing FROM gaps');
  return {
    server,
    room,
    events: new Map(rows.map((event) => [event.eventId, event])),
    state: new Map(
      current.map(({ type, state_key, position }) => [`${type} ${state_key}`, idAt.get(position) as EventId]),
    ),
    joined: current.filter(({ membership }) => membership === 'join').map((row) => row.state_key),
    missing: gaps.flatMap(({ missing }) => JSON.parse(missing) as EventId[]),
  };
}

/** @returns in what honest servers differ that they may not differ in */
export function disagreements(views: readonly View[], honest: ReadonlySet<string>): string[] {
  const problems = new Set<string>();
  const [first] = views;
  if (!first) return [];
  for (const view of views) {
    for (const name of new Set([...first.state.keys(), ...view.state.keys()])) {
      const [one, other] = [first.state.get(name), view.state.get(name)];
      if (one !== other)
        problems.add(`state ${name}: ${first.server.name} has ${one}, ${view.server.name} ${other}`);
    }
    if (first.joined.join() !== view.joined.join()) problems.add(`joined: ${first.joined} or ${view.joined}`);
  }
  compareVerdicts(views, problems);
  findLost(views, honest, problems);
  for (const { room, server } of views) {
    try {
      checkReplay(room, { told: server.toldEvents, filled: server.toldEvents.size > 0 });
    } catch (error) {
      problems.add(`${server.name}: ${(error as Error).message}`);
    }
  }
  return [...problems];
}

/** What is rejected and what is not; whether something is soft-failed depends on what came before it. */
function compareVerdicts(views: readonly View[], problems: Set<string>): void {
  const verdicts = new Map<EventId, { server: string; isRejected: boolean }>();
  for (const { events, server } of views) {
    for (const event of events.values()) {
      const isRejected = event.verdict === 'rejected';
      const other = verdicts.get(event.eventId);
      if (other && other.isRejected !== isRejected) {
        problems.add(`${nameOf(event)} is ${event.verdict} at ${server.name}, other than at ${other.server}`);
      }
      if (!other && isPlaced(event)) verdicts.set(event.eventId, { server: server.name, isRejected });
    }
  }
}

/** What an honest server has sent is with all others, unless it is behind a gap. */
function findLost(views: readonly View[], honest: ReadonlySet<string>, problems: Set<string>): void {
  const all = new Map<EventId, StoredEvent>();
  for (const { events } of views) for (const event of events.values()) all.set(event.eventId, event);
  for (const { events, missing, server } of views) {
    const behindGaps = new Set<EventId>();
    const open = [...missing];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (behindGaps.has(id)) continue;
      behindGaps.add(id);
      const event = all.get(id);
      if (event) open.push(...prevEventIds(event.pdu));
    }
    for (const event of all.values()) {
      if (!honest.has(serverNameOf(event.sender)) || !isPlaced(event) || behindGaps.has(event.eventId))
        continue;
      const here = events.get(event.eventId);
      if (!here || !isPlaced(here))
        problems.add(`${nameOf(event)} of ${event.sender} is lost at ${server.name}`);
      else if (here.verdict === 'rejected') problems.add(`${nameOf(event)} is rejected at ${server.name}`);
    }
  }
}

function isPlaced({ position, place }: StoredEvent): boolean {
  return position > 0 || place !== undefined;
}

function nameOf({ type, eventId }: StoredEvent): string {
  return `${type} ${eventId}`;
}
