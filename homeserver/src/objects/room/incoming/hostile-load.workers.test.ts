import { expect, test, vi } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { stateMapKey } from '../../../protocol/state-map.ts';
import { readExtremities } from '../../../storage/room/room-row.ts';
import { mergeExtremities } from '../graph/merge-extremities.ts';
import type { Room } from '../room.ts';
import { inRoom } from '../testing/room-feed.ts';
import { beginRoom, creator, guest, message, topic } from '../testing/started-room.ts';
import { alice } from '../testing/test-room.ts';
import { receiveEvents, receiveOutliers } from './receive-events.ts';

/** As one request brings them, or less. */
const batchSize = 50;

/** @returns the largest number of rows that a batch wrote, for each of its events */
function receiveAll(room: Room, pdus: readonly Pdu[]): number {
  const run = vi.spyOn(Sqlite.prototype, 'run');
  let most = 0;
  for (let from = 0; from < pdus.length; from += batchSize) {
    run.mockClear();
    room.sqlite.transaction(() => {
      receiveEvents(room, pdus.slice(from, from + batchSize), {});
      mergeExtremities(room, from);
    });
    const rows = run.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
    most = Math.max(most, rows / batchSize);
  }
  run.mockRestore();
  return most;
}

for (const [count, name, levels] of [
  [10_000, 'which this server joins', {}],
  [1_000, 'which nobody joins', { events: { 'org.matrix.dummy_event': 100 } }],
] as const) {
  test(`F9: ${count} forward extremities, ${name}, are bounded in rows, and the room goes on`, async () => {
    const { remote, start } = beginRoom('11', `F9-${name.length}`, levels);
    const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
    const ends = Array.from({ length: count }, (_, index) =>
      remote.make(message(guest, `${index}`), [start], { ts: index }),
    );
    const after = remote.make(message(creator, 'after'), [start]);
    await inRoom(name, remote, (room) => {
      receiveAll(room, beginning);
      const rows = receiveAll(room, ends);
      // Event and its id, a line and what it sets, the extremities, the gap that is none.
      expect(rows).toBeLessThanOrEqual(8);
      expect(readExtremities(room.sqlite).length).toBeLessThanOrEqual(200);
      expect(receiveEvents(room, [after], {})).toMatchObject([{ kind: 'accepted' }]);
    });
  }, 300_000);
}

test('F9: 1,000 forks of the state are bounded in rows', async () => {
  const { remote, start } = beginRoom('12', 'F9-state', { events: { 'org.matrix.dummy_event': 100 } });
  const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
  const topics = Array.from({ length: 1_000 }, (_, index) =>
    remote.make(topic(creator, `${index}`), [start], { ts: index }),
  );
  await inRoom('F9-state', remote, (room) => {
    receiveAll(room, beginning);
    expect(receiveAll(room, topics)).toBeLessThanOrEqual(12);
    const states = room.sqlite.all('SELECT 1 FROM line_state');
    expect(states.length).toBeLessThanOrEqual(2 * topics.length);
  });
}, 300_000);

test('F9: an auth chain of 5,000 events is taken in, and resolved', async () => {
  const { remote, start } = beginRoom('11', 'F9-chain');
  const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
  let last = start;
  const chain: EventId[] = [];
  for (let index = 0; index < 5_000; index += 1) {
    const content = { users: { [creator]: 100, [alice]: 50 }, 'org.example.number': index };
    last = remote.add({ type: 'm.room.power_levels', sender: creator, stateKey: '', content }, [last]);
    chain.push(last);
  }
  const end = remote.add(message(guest, 'end'), [last]);
  const fork = remote.add(
    { type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users: { [creator]: 100 } } },
    [start],
  );
  const merge = remote.add(message(guest, 'merge'), [end, fork]);
  await inRoom('F9-chain', remote, (room) => {
    receiveAll(room, beginning);
    const run = vi.spyOn(Sqlite.prototype, 'run');
    const outliers = chain.map((eventId) => remote.pdu(eventId)).reverse();
    const kinds = new Set(receiveOutliers(room, outliers).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['accepted']));
    const rows = run.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
    run.mockRestore();
    expect(rows / chain.length).toBeLessThanOrEqual(2);
    const states = { [end]: [...remote.get(end).before.values()] };
    const results = [end, fork, merge].map(
      (eventId) => receiveEvents(room, [remote.pdu(eventId)], states)[0],
    );
    expect(results.map((result) => result?.kind)).toEqual(['accepted', 'accepted', 'accepted']);
    const levels = room.sqlite.get<{ event_id: string }>(
      `SELECT event_id FROM current_state s JOIN events e ON e.position = s.position
       WHERE s.type = 'm.room.power_levels'`,
    );
    expect(levels?.event_id).toBe(remote.get(merge).before.get(stateMapKey('m.room.power_levels', '')));
  });
}, 300_000);
