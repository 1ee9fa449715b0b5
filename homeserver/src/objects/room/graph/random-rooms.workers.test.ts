import { expect, test } from 'vitest';
import type { EventId, UserId } from '../../../../../matrix/identifiers.ts';
import { prevEventIds } from '../../../protocol/pdu.ts';
import type { RoomVersion } from '../../../protocol/room-versions.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { allVersions } from '../../../protocol/testing/versions.ts';
import { type EventRow, eventColumns, fromEventRow } from '../../../storage/room/events.ts';
import { fillGap } from '../incoming/fill-gap.ts';
import { receiveEvents, receiveOutliers } from '../incoming/receive-events.ts';
import type { Room } from '../room.ts';
import { localUsers, RemoteHistory } from '../testing/remote-history.ts';
import { checkReplay } from '../testing/replay-check.ts';
import { checkRoom, inRoom, isPlaced } from '../testing/room-feed.ts';
import { alice, bob, eventIdOf, makeRoom } from '../testing/test-room.ts';
import { appendEvent } from './append-event.ts';
import { fullState } from './full-state.ts';
import { mergeExtremities } from './merge-extremities.ts';
import { pointBehind } from './state-point.ts';

/** From the environment: more runs, or others. */
const { VITE_ROOM_RUNS, VITE_ROOM_SEED } = (import.meta as unknown as { env: Record<string, string> }).env;
const runs = Number(VITE_ROOM_RUNS ?? 48);
const firstSeed = Number(VITE_ROOM_SEED ?? 1);

test('a room stores what its events make, in whatever order and with whatever gaps they came', async () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const version = allVersions[seed % allVersions.length] as RoomVersion;
    const history = new RemoteHistory(version, seed, `room${seed}`);
    try {
      const first = await inRoom(`${seed}a`, history.room, (room) => {
        const feed = new Feed(room, history, seed % 3 === 0);
        feed.live(20 + history.random.below(40));
        return feed.finish();
      });
      const second = await inRoom(`${seed}b`, history.room, (room) => {
        const feed = new Feed(room, history, false);
        feed.takeIn(Array.from(history.room.events.keys()));
        return feed.finish();
      });
      // What is soft-failed depends on what came first, and does not become an end of the graph.
      const comparable = !first.hasGaps && !first.hasSoftFailed && !second.hasSoftFailed;
      if (comparable) expect(second.state).toEqual(first.state);
    } catch (error) {
      throw new Error(`seed ${seed}, room version ${version.id}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}, 600_000);

test('the replay holds for what local users do in every room version', async () => {
  for (const { id } of allVersions) {
    const room = await makeRoom({ version: id });
    eventIdOf(await room.member(bob, 'join'));
    const root = eventIdOf(await room.send(alice, 'root'));
    const relation = { rel_type: 'm.thread', event_id: root };
    const content = { msgtype: 'm.text', body: 'reply', 'm.relates_to': relation };
    const reply = eventIdOf(await room.send(bob, '', { content }));
    eventIdOf(await room.send(bob, '', { content }));
    eventIdOf(await room.state(alice, 'm.room.topic', { topic: 'one' }));
    const topic = eventIdOf(await room.state(alice, 'm.room.topic', { topic: 'two' }));
    for (const redacts of [reply, topic]) {
      eventIdOf(await room.rpc.append({ sender: alice, type: 'm.room.redaction', content: {}, redacts }));
    }
    for (const membership of ['ban', 'leave', 'invite']) eventIdOf(await room.member(bob, membership, alice));
    await checkRoom(room.roomId, id);
  }
});

/** How one server gets to know what happens. */
class Feed {
  readonly #room: Room;
  readonly #history: RemoteHistory;
  readonly #withGaps: boolean;
  readonly #told = new Set<EventId>();
  #filled = false;
  #waiting: EventId[];

  constructor(room: Room, history: RemoteHistory, withGaps: boolean) {
    this.#room = room;
    this.#history = history;
    this.#withGaps = withGaps;
    this.#waiting = [...history.room.events.keys()].filter((eventId) => !isPlaced(room, eventId));
  }

  /** The others do something, and this server gets some of it, and its users do something, too. */
  live(steps: number): void {
    this.takeIn([...this.#waiting]);
    const { random } = this.#history;
    for (let step = 0; step < steps; step += 1) {
      this.#waiting.push(this.#history.step());
      if (random.chance(30)) this.takeIn(this.#someWaiting());
      if (random.chance(12)) this.#append();
      if (this.#withGaps && random.chance(10)) this.#leap();
      if (random.chance(8)) this.#fill();
      if (random.chance(5)) this.#check();
    }
  }

  /** In small batches, in any order. */
  takeIn(eventIds: readonly EventId[]): void {
    const { random } = this.#history;
    const left = shuffled(eventIds, random);
    while (left.length > 0) this.#receive(left.splice(0, 1 + random.below(8)));
  }

  finish() {
    for (let round = 0; this.#waiting.length > 0; round += 1) {
      if (round > 200) throw new Error('events are missing for ever');
      if (this.#history.random.chance(30)) this.#fill();
      this.takeIn(this.#waiting);
    }
    this.#check();
    const verdicts = this.#room.sqlite.all<{ verdict: string }>(
      'SELECT verdict FROM events WHERE verdict NOT NULL',
    );
    const state = fullState(this.#room.sqlite, { line: 0, at: Number.MAX_SAFE_INTEGER });
    return {
      hasGaps: this.#told.size > 0,
      hasSoftFailed: verdicts.some(({ verdict }) => verdict === 'softFailed'),
      state: Object.fromEntries([...state].map(([name, { position }]) => [name, this.#idAt(position)])),
    };
  }

  #receive(eventIds: readonly EventId[], states: Record<EventId, EventId[]> = {}): void {
    const { room: remote } = this.#history;
    const room = this.#room;
    const results = room.sqlite.transaction(() => {
      const received = receiveEvents(
        room,
        eventIds.map((eventId) => remote.pdu(eventId)),
        states,
      );
      mergeExtremities(room, remote.events.size);
      return received;
    });
    for (const [index, result] of results.entries()) {
      const eventId = eventIds[index] as EventId;
      if (result.kind === 'malformed') throw new Error(`${eventId} is malformed: ${result.reason}`);
      if (result.kind !== 'missing') continue;
      const lacking = [...result.prevEvents, ...result.others];
      if (lacking.length === 0) throw new Error(`${eventId} lacks nothing`);
    }
    this.#adoptOwn();
    this.#waiting = this.#waiting.filter((eventId) => !isPlaced(room, eventId));
  }

  #append(): void {
    const { random, room: remote } = this.#history;
    const topic = { type: 'm.room.topic', stateKey: '', content: { topic: `${remote.events.size}` } };
    const message = { type: 'm.room.message', content: { body: `${remote.events.size}` } };
    const sender = random.pick(localUsers) as UserId;
    const input = { sender, ...(random.chance(40) ? topic : message) };
    this.#room.sqlite.transaction(() => appendEvent(this.#room, input, remote.events.size));
    this.#adoptOwn();
  }

  /** What this server made, others will hear of. Not while it knows more than they do. */
  #adoptOwn(): void {
    const { room: remote } = this.#history;
    const rows = this.#room.sqlite.all<EventRow>(
      `SELECT ${eventColumns} FROM events e WHERE sender LIKE '%:roost.test' ORDER BY abs(position)`,
    );
    let open = rows.map(fromEventRow).filter(({ eventId }) => !remote.events.has(eventId));
    while (open.length > 0) {
      const ready = open.filter(({ pdu }) =>
        prevEventIds(pdu).every((eventId) => remote.events.has(eventId)),
      );
      if (ready.length === 0) throw new Error('an event of ours follows on nothing known');
      for (const { pdu } of ready) this.#history.learn('roost.test', remote.adopt(pdu).eventId);
      open = open.filter((event) => !ready.includes(event));
    }
  }

  /** An event comes whose previous events do not: others tell the state before it. */
  #leap(): void {
    const { random, room: remote } = this.#history;
    const behindGap = this.#waiting.filter((eventId) =>
      prevEventIds(remote.pdu(eventId)).some((previous) => !isPlaced(this.#room, previous)),
    );
    if (behindGap.length === 0) return;
    const eventId = random.pick(behindGap);
    const before = [...remote.get(eventId).before.values()];
    const chain = remote.authChain([...before, eventId]);
    chain.delete(eventId);
    const outliers = shuffled([...chain], random).map((id) => remote.pdu(id));
    this.#room.sqlite.transaction(() => receiveOutliers(this.#room, outliers));
    this.#told.add(eventId);
    this.#receive([eventId], { [eventId]: before });
  }

  #fill(): void {
    const { random, room: remote } = this.#history;
    const gaps = this.#room.sqlite.all<{ position: number; missing: string }>('SELECT * FROM gaps');
    if (gaps.length === 0) return;
    const { position, missing } = random.pick(gaps);
    const open = JSON.parse(missing) as EventId[];
    const wanted = new Set<EventId>();
    const limit = 1 + random.below(12);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (isPlaced(this.#room, id) || wanted.has(id)) continue;
      wanted.add(id);
      open.unshift(...prevEventIds(remote.pdu(id)));
    }
    const eventIds = shuffled([...wanted].slice(-limit), random);
    const pdus = eventIds.map((eventId) => remote.pdu(eventId));
    this.#room.sqlite.transaction(() => fillGap(this.#room, position, pdus, {}));
    this.#filled = true;
    this.#waiting = this.#waiting.filter((eventId) => !isPlaced(this.#room, eventId));
  }

  #someWaiting(): EventId[] {
    const { random } = this.#history;
    return this.#waiting.filter(() => random.chance(60));
  }

  #check(): void {
    checkReplay(this.#room, { told: this.#told, filled: this.#filled || this.#told.size > 0 });
    const { room: remote } = this.#history;
    const rows = this.#room.sqlite.all<EventRow>(`SELECT ${eventColumns} FROM events e`).map(fromEventRow);
    const ids = new Map(rows.map(({ position, eventId }) => [position, eventId]));
    for (const event of rows) {
      const point = pointBehind(event);
      if (!point) continue;
      const { behind, rejected, pdu } = remote.get(event.eventId);
      expect(event.verdict === 'rejected', `${event.eventId} is ${event.verdict}`).toBe(rejected);
      const stored = fullState(this.#room.sqlite, point);
      const found = new Map([...stored].map(([name, { position }]) => [name, ids.get(position)]));
      expect(found, `behind ${event.eventId}, ${stateMapKey(pdu.type, pdu.state_key ?? '')}`).toEqual(behind);
    }
  }

  #idAt(position: number): string {
    const sql = 'SELECT event_id FROM events WHERE position = ?';
    return this.#room.sqlite.get<{ event_id: string }>(sql, position)?.event_id ?? 'nothing';
  }
}

function shuffled<Item>(items: readonly Item[], random: { below(limit: number): number }): Item[] {
  const left = [...items];
  const order: Item[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}
