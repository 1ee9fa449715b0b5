import { afterEach, expect, test, vi } from 'vitest';
import { Sqlite } from '../../../../../platform/sqlite.ts';
import type { RemoteFields } from '../testing/remote-room.ts';
import { inRoom } from '../testing/room-feed.ts';
import { beginRoom, creator, guest, message, topic } from '../testing/started-room.ts';
import { fillGap } from './fill-gap.ts';
import { receiveEvents, receiveOutliers } from './receive-events.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Rows that `work` writes; due work comes once a batch besides. */
function rowsOf(work: () => unknown): number {
  const run = vi.spyOn(Sqlite.prototype, 'run');
  work();
  const rows = run.mock.results.reduce((sum, { value }) => sum + Number(value), 0);
  run.mockRestore();
  return rows;
}

test('what a received event writes, by its place', async () => {
  const { remote, start } = beginRoom('12', 'costs');
  const one = remote.add(message(guest, 'one'), [start]);
  const two = remote.add(topic(creator, 'two'), [one]);
  const fork = remote.add(message(guest, 'fork'), [one]);
  const onFork = remote.add(message(guest, 'on the fork'), [fork]);
  const topicOnFork = remote.add(topic(creator, 'on the fork'), [onFork]);
  const merge = remote.add(message(guest, 'merge'), [two, topicOnFork]);
  const refused = remote.add(topic(guest, 'refused'), [merge]);
  const last = remote.add(message(guest, 'last'), [merge]);
  const missing = remote.add(message(guest, 'missing'), [last]);
  const behindGap = remote.add(message(guest, 'behind the gap'), [missing]);
  await inRoom('costs', remote, (room) => {
    const given = new Set([one, two, fork, onFork, topicOnFork, merge, refused, last, missing, behindGap]);
    const beginning = [...remote.events.values()].filter(({ eventId }) => !given.has(eventId));
    receiveEvents(
      room,
      beginning.map(({ pdu }) => pdu),
      {},
    );
    const receive = (eventId: typeof one, states = {}) =>
      rowsOf(() => receiveEvents(room, [remote.pdu(eventId)], states));
    const state = [...remote.get(behindGap).before.values()];
    const outlier = remote.make({ type: 'org.example', sender: creator, stateKey: '' } as RemoteFields, [
      last,
    ]);
    const rows = {
      // Event and its id.
      message: receive(one),
      // And: state, history and its index.
      state: receive(two),
      // And: a line, both ends of the graph.
      fork: receive(fork),
      // The line goes on.
      onFork: receive(onFork),
      // And: what it sets on its line, and on the own line.
      stateOnFork: receive(topicOnFork),
      // The ends are one again.
      merge: receive(merge),
      // Kept apart, on a line.
      refused: receive(refused),
      last: receive(last),
      behindGap: receive(behindGap, { [behindGap]: state }),
      outlier: rowsOf(() => receiveOutliers(room, [outlier])),
      filled: rowsOf(() => {
        const gap = room.sqlite.get<{ position: number }>('SELECT position FROM gaps');
        fillGap(room, gap?.position ?? 0, [remote.pdu(missing)], {});
      }),
    };
    expect(rows).toEqual({
      message: 3,
      state: 6,
      fork: 5,
      onFork: 5,
      stateOnFork: 9,
      merge: 4,
      refused: 3,
      last: 3,
      behindGap: 6,
      outlier: 2,
      filled: 5,
    });
  });
});
