import type { EventId } from '../../../../../matrix/identifiers.ts';
import { checkAuthEvents } from '../../../protocol/auth-rules/auth-events.ts';
import { type AuthState, authorize } from '../../../protocol/auth-rules/authorize.ts';
import { authEventIds, prevEventIds } from '../../../protocol/pdu.ts';
import { redactionTarget, redactPdu } from '../../../protocol/redaction.ts';
import { stateMapKey, stateOf } from '../../../protocol/state-map.ts';
import type { StateMap } from '../../../protocol/state-resolution/event-source.ts';
import { withRanks } from '../../../protocol/state-resolution/ranked-source.ts';
import { resolveState } from '../../../protocol/state-resolution/resolve.ts';
import { type EventRow, eventColumns, fromEventRow, type StoredEvent } from '../../../storage/room/events.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import { nextPrevEvents } from '../graph/extremities.ts';
import { fullState } from '../graph/full-state.ts';
import { mayRedact } from '../graph/redaction-refusal.ts';
import { pointBefore, pointBehind, type StatePoint, timelinePoint } from '../graph/state-point.ts';
import { inOrder } from '../incoming/order-events.ts';
import type { Room } from '../room.ts';
import { relationProblems } from './relations-check.ts';

export interface ReplayOptions {
  /** Events whose state before them was told by others, and is taken as it is. Those behind a gap are known. */
  told?: ReadonlySet<EventId>;
  /** Gaps have been filled: what came into them may have made ends of the graph that are not kept as such. */
  filled?: boolean;
}

/**
 * Whether all that the room stores is what its events make when they are replayed: with whole states and the plain
 * algorithm, nothing else of the room's own code but how it reads a state.
 * @throws Error with the list of what differs
 */
export function checkReplay(room: Room, options: ReplayOptions = {}): void {
  const problems = new Replay(room, options).run();
  if (problems.length > 0) throw new Error(`the replay differs:\n${problems.slice(0, 40).join('\n')}`);
}

class Replay {
  readonly #room: Room;
  readonly #options: ReplayOptions;
  readonly #events: Map<EventId, StoredEvent>;
  readonly #idsAt: Map<number, EventId>;
  readonly #before = new Map<EventId, StateMap>();
  readonly #behind = new Map<EventId, StateMap>();
  readonly #purged: ReadonlySet<string>;
  readonly #problems: string[] = [];
  readonly #source = withRanks({
    get: (eventId) => this.#events.get(eventId)?.pdu,
    isRejected: (eventId) => this.#events.get(eventId)?.verdict === 'rejected',
  });

  constructor(room: Room, options: ReplayOptions) {
    this.#room = room;
    this.#options = options;
    const rows = room.sqlite.all<EventRow>(`SELECT ${eventColumns} FROM events e ORDER BY e.position`);
    this.#events = new Map(rows.map((row) => [row.event_id as EventId, fromEventRow(row)]));
    const purged = room.sqlite.all<{ event_id: string }>('SELECT event_id FROM purged_events');
    this.#purged = new Set(purged.map((row) => row.event_id));
    this.#idsAt = new Map([...this.#events].map(([eventId, { position }]) => [position, eventId]));
  }

  run(): string[] {
    const placed = [...this.#events.values()].filter((event) => pointBehind(event) !== undefined);
    const order = inOrder(new Map(placed.map(({ eventId, pdu }) => [eventId, prevEventIds(pdu)])));
    for (const eventId of order) this.#checkEvent(this.#get(eventId));
    this.#checkExtremities(placed);
    this.#checkPresent();
    this.#checkRanks();
    this.#checkRedactions();
    this.#checkGaps();
    return [...this.#problems, ...relationProblems(this.#room.sqlite, this.#events, this.#purged)];
  }

  #checkEvent(event: StoredEvent): void {
    const { eventId, pdu, verdict } = event;
    const before = this.#expectedBefore(event);
    this.#compare(`${this.#name(event)} before`, before, this.#stored(pointBefore(event)));
    const behind = new Map(before);
    if (verdict !== 'rejected' && pdu.state_key !== undefined) {
      behind.set(stateMapKey(pdu.type, pdu.state_key), eventId);
    }
    this.#compare(`${this.#name(event)} behind`, behind, this.#stored(pointBehind(event)));
    this.#before.set(eventId, before);
    this.#behind.set(eventId, behind);
    // What redaction takes away may have been its right.
    if (event.redactedBy !== undefined) return;
    const isAllowed = this.#isAllowed(event, before);
    this.#expect(
      isAllowed === (verdict !== 'rejected'),
      `${this.#name(event)} is ${verdict}, allowed: ${isAllowed}`,
    );
  }

  #expectedBefore(event: StoredEvent): StateMap {
    const prevEvents = prevEventIds(event.pdu);
    const states = prevEvents.map((eventId) => this.#behind.get(eventId));
    const known = states.filter((state) => state !== undefined);
    const isTold = this.#options.told?.has(event.eventId) || known.length < states.length;
    return isTold ? this.#stored(pointBefore(event)) : this.#resolve(known);
  }

  #isAllowed({ pdu }: StoredEvent, before: StateMap): boolean {
    const { version } = this.#room;
    const named = authEventIds(pdu).flatMap((eventId) => {
      const event = this.#events.get(eventId);
      return event ? [{ pdu: event.pdu, rejected: event.verdict === 'rejected' }] : [];
    });
    if (named.length < pdu.auth_events.length) return false;
    const create = [...this.#events.values()].filter(({ type }) => type === 'm.room.create');
    const implied = version.roomIds === 'createHash' ? create.map((event) => event.pdu) : [];
    const byAuthEvents = stateOf([...implied, ...named.map((event) => event.pdu)]);
    return [
      checkAuthEvents(pdu, named, version),
      authorize(pdu, byAuthEvents, version),
      authorize(pdu, this.#authState(before), version),
    ].every(({ kind }) => kind === 'allowed');
  }

  #checkExtremities(placed: readonly StoredEvent[]): void {
    const ends = new Set(
      placed.filter(({ verdict }) => verdict === 'accepted').map(({ eventId }) => eventId),
    );
    const followed = new Set<EventId>();
    for (const { eventId, pdu, verdict } of placed) {
      if (verdict !== 'accepted') continue;
      const open = prevEventIds(pdu);
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (id === eventId || followed.has(id)) continue;
        followed.add(id);
        ends.delete(id);
        const event = this.#events.get(id);
        if (event && event.verdict !== 'accepted') open.push(...prevEventIds(event.pdu));
      }
    }
    if (this.#options.filled) return;
    const kept = readExtremities(this.#room.sqlite);
    // What followed on an event may have been purged; ends never are.
    if (this.#purged.size > 0) {
      for (const id of kept) this.#expect(ends.has(id), `extremity ${id} is no end`);
      return;
    }
    const text = (ids: Iterable<EventId>) => [...ids].sort().join(' ');
    this.#expect(text(ends) === text(kept), `extremities: ${text(kept)} instead of ${text(ends)}`);
  }

  #checkPresent(): void {
    const { sqlite } = this.#room;
    const newest = Math.max(0, ...this.#idsAt.keys());
    const states = nextPrevEvents(this.#room).flatMap((eventId) => this.#behind.get(eventId) ?? []);
    const expected = this.#resolve(states);
    this.#compare('the own line', expected, this.#stored(timelinePoint(newest)));
    const rows = sqlite.all<{ type: string; state_key: string; position: number; membership: string | null }>(
      'SELECT type, state_key, position, membership FROM current_state',
    );
    this.#compare(
      'the current state',
      expected,
      new Map(rows.map((row) => [stateMapKey(row.type, row.state_key), this.#idAt(row.position)])),
    );
    const counts = new Map<string, number>();
    for (const { type, position, membership } of rows) {
      const told = this.#get(this.#idAt(position)).pdu.content.membership;
      const value = type === 'm.room.member' ? String(told) : null;
      this.#expect(value === membership, `membership ${membership} of ${this.#idAt(position)}`);
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (const row of sqlite.all<{ membership: string; members: number }>('SELECT * FROM member_counts')) {
      const count = counts.get(row.membership) ?? 0;
      this.#expect(count === row.members, `${row.members} times ${row.membership} instead of ${count}`);
      counts.delete(row.membership);
    }
    this.#expect(counts.size === 0, `not counted: ${[...counts.keys()].join(' ')}`);
  }

  #checkRanks(): void {
    for (const event of this.#events.values()) {
      if (event.stateKey === undefined) continue;
      for (const authId of authEventIds(event.pdu)) {
        const other = this.#events.get(authId)?.rank ?? 0;
        this.#expect((event.rank ?? 0) > other, `${this.#name(event)} has no rank above ${authId}`);
      }
    }
  }

  #checkRedactions(): void {
    const { version } = this.#room;
    const redacted = new Set<string>();
    for (const event of this.#events.values()) {
      const targetId = event.type === 'm.room.redaction' && redactionTarget(event.pdu, version);
      const target = targetId && this.#events.get(targetId as EventId);
      if (!target || event.position < 0 || event.redactedBy !== undefined) continue;
      const before = this.#authState(this.#before.get(event.eventId) ?? new Map());
      if (mayRedact(this.#room, event.pdu, target, before)) redacted.add(target.eventId);
    }
    for (const event of this.#events.values()) {
      const isRedacted = event.redactedBy !== undefined;
      // A redaction that was redacted itself keeps its effect, but no longer says on what.
      const by = event.redactedBy && this.#events.get(event.redactedBy);
      const isByPurged = event.redactedBy !== undefined && this.#purged.has(event.redactedBy);
      const wanted =
        redacted.has(event.eventId) || (by && by.redactedBy !== undefined) || isByPurged || false;
      this.#expect(isRedacted === wanted, `${this.#name(event)} is redacted: ${isRedacted}`);
      if (!isRedacted) continue;
      const bare = JSON.stringify(redactPdu(event.pdu, version));
      this.#expect(bare === JSON.stringify(event.pdu), `${this.#name(event)} is not empty`);
    }
  }

  #checkGaps(): void {
    const missing = new Set<EventId>();
    const seen = new Set<EventId>();
    const open = [...this.#events.values()].filter(
      ({ position, verdict }) => position > 0 && verdict === 'accepted',
    );
    for (let event = open.pop(); event; event = open.pop()) {
      for (const id of prevEventIds(event.pdu)) {
        if (!this.#behind.has(id) && !this.#purged.has(id)) missing.add(id);
        const before = this.#events.get(id);
        // Refused: what is before it is missing before the event that builds on it.
        if (!before || before.verdict === 'accepted' || seen.has(id)) continue;
        seen.add(id);
        open.push(before);
      }
    }
    const rows = this.#room.sqlite.all<{ missing: string }>('SELECT missing FROM gaps');
    const noted = new Set(rows.flatMap((row) => JSON.parse(row.missing) as EventId[]));
    const text = (ids: Iterable<EventId>) => [...ids].sort().join(' ');
    this.#expect(text(missing) === text(noted), `gaps: ${text(noted)} instead of ${text(missing)}`);
  }

  #resolve(states: readonly StateMap[]): StateMap {
    return states.length === 0 ? new Map() : resolveState(states, this.#source, this.#room.version);
  }

  #stored(point: StatePoint | undefined): StateMap {
    const state = point ? fullState(this.#room.sqlite, point) : new Map();
    return new Map([...state].map(([name, { position }]) => [name, this.#idAt(position)]));
  }

  #idAt(position: number): EventId {
    return this.#idsAt.get(position) ?? (`nothing at ${position}` as EventId);
  }

  #authState(state: StateMap): AuthState {
    return {
      get: (type, stateKey) => {
        const eventId = state.get(stateMapKey(type, stateKey));
        return eventId === undefined ? undefined : this.#events.get(eventId)?.pdu;
      },
    };
  }

  #get(eventId: EventId): StoredEvent {
    const event = this.#events.get(eventId);
    if (!event) throw new Error(`${eventId} is not stored`);
    return event;
  }

  #compare(what: string, expected: StateMap, actual: StateMap): void {
    for (const name of new Set([...expected.keys(), ...actual.keys()])) {
      const [wanted, found] = [expected.get(name), actual.get(name)];
      this.#expect(wanted === found, `${what}: ${name} is ${found} instead of ${wanted}`);
    }
  }

  #expect(isSo: boolean, problem: string): void {
    if (!isSo) this.#problems.push(problem);
  }

  #name({ eventId, type, position }: StoredEvent): string {
    return `${type} ${eventId} at ${position}`;
  }
}
