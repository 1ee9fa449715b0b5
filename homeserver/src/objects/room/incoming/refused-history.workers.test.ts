import { expect, test } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import type { Room } from '../room.ts';
import { member } from '../testing/remote-history.ts';
import type { RemoteRoom } from '../testing/remote-room.ts';
import { checkReplay } from '../testing/replay-check.ts';
import { inRoom } from '../testing/room-feed.ts';
import { beginRoom, creator, guest, message } from '../testing/started-room.ts';
import { fillGap } from './fill-gap.ts';
import { receiveEvents } from './receive-events.ts';

/** `missing` is accepted, `refused` is after it and never was allowed, `end` is after that. */
function historyBehindRefused(name: string) {
  const { remote, start } = beginRoom('11', name);
  const beginning = [...remote.events.values()].map(({ pdu }) => pdu);
  const missing = remote.add(message(guest, 'missing'), [start]);
  const refused = remote.add(member(creator, 'ban', guest), [missing]);
  const end = remote.add(message(guest, 'end'), [refused]);
  return { remote, beginning, missing, refused, end };
}

function gaps(room: Room): { position: number; missing: EventId[] }[] {
  return room.sqlite
    .all<{ position: number; missing: string }>('SELECT position, missing FROM gaps')
    .map(({ position, missing }) => ({ position, missing: JSON.parse(missing) as EventId[] }));
}

const receive = (room: Room, pdus: readonly Pdu[], told: Record<EventId, EventId[]> = {}) =>
  receiveEvents(room, pdus, told).map(({ kind }) => kind);

const before = (remote: RemoteRoom, eventId: EventId) => ({
  [eventId]: [...remote.get(eventId).before.values()],
});

test('what is missing before a refused event is missing before the event that builds on it', async () => {
  const { remote, beginning, missing, refused, end } = historyBehindRefused('refused-first');
  await inRoom('refused-first', remote, (room) => {
    receive(room, beginning);
    expect(receive(room, [remote.pdu(refused)], before(remote, refused))).toEqual(['rejected']);
    expect(receive(room, [remote.pdu(end)])).toEqual(['accepted']);
    const [gap] = gaps(room);
    expect(gap?.missing).toEqual([missing]);
    const filled = fillGap(room, gap?.position ?? 0, [remote.pdu(missing)], {});
    expect(filled).toMatchObject([{ kind: 'accepted' }]);
    expect(gaps(room)).toEqual([]);
    checkReplay(room, { told: new Set([refused]), filled: true });
  });
});

test('a refused event that comes into a gap does not close it', async () => {
  for (const way of ['receive', 'fillGap']) {
    const name = `refused-${way}`;
    const { remote, beginning, missing, refused, end } = historyBehindRefused(name);
    await inRoom(name, remote, (room) => {
      receive(room, beginning);
      expect(receive(room, [remote.pdu(end)], before(remote, end))).toEqual(['accepted']);
      const position = gaps(room)[0]?.position ?? 0;
      expect(gaps(room)[0]?.missing).toEqual([refused]);
      const told = before(remote, refused);
      const pdus = [remote.pdu(refused)];
      const results =
        way === 'receive' ? receiveEvents(room, pdus, told) : fillGap(room, position, pdus, told);
      expect(results).toMatchObject([{ kind: 'rejected' }]);
      expect(gaps(room)).toEqual([{ position, missing: [missing] }]);
      checkReplay(room, { told: new Set([refused, end]), filled: true });
    });
  }
});
