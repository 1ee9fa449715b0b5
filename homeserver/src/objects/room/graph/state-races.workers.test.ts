import { expect, test } from 'vitest';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import type { RoomDelta } from '../../room-rpc.ts';
import { member } from '../testing/remote-history.ts';
import type { RemoteFields } from '../testing/remote-room.ts';
import { checkRoom } from '../testing/room-feed.ts';
import {
  creator,
  guest,
  message,
  moderator,
  type StartedRoom,
  startRoom,
  topic,
} from '../testing/started-room.ts';
import { TestFollowers } from '../testing/test-followers.ts';
import { alice } from '../testing/test-room.ts';

/** What happens on two servers that do not hear each other, then a message on top of both. */
interface Race {
  one: RemoteFields[];
  other: RemoteFields[];
  /** The contested key, and which of the events has it in the end. */
  key: [type: string, stateKey?: string];
  winner: number;
}

const levels = (sender: string, users: Record<string, number>): RemoteFields => ({
  type: 'm.room.power_levels',
  sender,
  stateKey: '',
  content: { users },
});
const rule = (sender: string, joinRule: string): RemoteFields => ({
  type: 'm.room.join_rules',
  sender,
  stateKey: '',
  content: { join_rule: joinRule },
});

const races: Record<string, Race> = {
  'of two topics the later has its way': {
    one: [topic(moderator, 'one')],
    other: [topic(creator, 'other')],
    key: ['m.room.topic'],
    winner: 1,
  },
  'who is banned changed no topic meanwhile': {
    one: [member(moderator, 'ban', creator)],
    other: [topic(moderator, 'other')],
    key: ['m.room.topic'],
    winner: -1,
  },
  'who is demoted bans nobody meanwhile': {
    one: [levels(creator, { [creator]: 100, [alice]: 50 })],
    other: [member(guest, 'ban', moderator)],
    key: ['m.room.member', guest],
    winner: -2,
  },
  'nobody new joins a room that was closed meanwhile': {
    one: [rule(creator, 'invite')],
    other: [member('@new:three', 'join')],
    key: ['m.room.member', '@new:three'],
    winner: -1,
  },
};

for (const [name, race] of Object.entries(races)) {
  test(`${name}, whichever this server hears of first`, async () => {
    for (const isTurned of [false, true]) {
      const followers = new TestFollowers();
      followers.install();
      const room = await startRoom('11', `race${Object.keys(races).indexOf(name)}${isTurned}`);
      const { remote, rpc, start } = room;
      const former = remote.get(start).behind;
      const branches = [race.one, race.other].map((branch) => addAll(room, branch, start));
      const ends = branches.map((branch) => branch.at(-1) as EventId);
      const merge = remote.add(message(creator, 'merge'), ends);
      for (const branch of isTurned ? branches.toReversed() : branches) {
        await rpc.receive({ pdus: branch.map((eventId) => remote.pdu(eventId)) });
      }
      const [type, stateKey = ''] = race.key;
      const wanted = remote.find(remote.get(merge).before, type, stateKey);
      const contested = branches.flat()[race.winner];
      // The model's resolution is what the race says.
      if (race.winner >= 0) expect(wanted).toBe(remote.pdu(contested as EventId));
      else expect(wanted).toBe(remote.find(former, type, stateKey));
      const value = wanted && [...remote.events.values()].find(({ pdu }) => pdu === wanted)?.eventId;
      expect(await room.value(type, stateKey)).toBe(value);
      await rpc.receive({ pdus: [remote.pdu(merge)] });
      expect(await room.value(type, stateKey)).toBe(value);
      await followers.until(() => hasSeen(followers.deltas(alice, room.roomId), merge));
      await checkRoom(room.roomId, '11');
      expect(followed(followers.deltas(alice, room.roomId), type, stateKey)).toBe(value);
    }
  });
}

test('a creator who gave up power stays without it, but in version 12, where it cannot be given up', async () => {
  for (const versionId of ['11', '12']) {
    const room = await startRoom(versionId, `demotion${versionId}`);
    const isNamed = versionId === '11';
    const users = { ...(isNamed ? { [creator]: 0 } : {}), [moderator]: 50, [alice]: 50 };
    const demotion = await room.receive(levels(creator, users), [room.start]);
    const late = await room.receive(topic(creator, 'still'), [demotion]);
    expect(room.remote.get(late).rejected).toBe(isNamed);
    expect(await room.value('m.room.topic')).toBe(isNamed ? undefined : late);
    // From before, as if unaware of it.
    const fork = await room.receive(topic(creator, 'fork'), [room.start]);
    const merge = await room.receive(message(guest, 'merge'), [isNamed ? demotion : late, fork]);
    expect(await room.value('m.room.topic')).toBe(room.remote.get(merge).before.get(`12 m.room.topic`));
  }
});

test('old members come back neither in version 11 nor 12 when somebody forks the room from its beginning', async () => {
  for (const versionId of ['11', '12']) {
    const room = await startRoom(versionId, `reset${versionId}`);
    const { remote, start } = room;
    const left = await room.receive(member(guest, 'leave'), [start]);
    const closed = await room.receive(rule(creator, 'invite'), [left]);
    let fork = await room.receive(message(moderator, 'fork'), [start]);
    fork = await room.receive(levels(creator, { ...(versionId === '11' ? { [creator]: 100 } : {}) }), [fork]);
    const merge = await room.receive(message(creator, 'merge'), [closed, fork]);
    const before = remote.get(merge).before;
    expect(await room.value('m.room.member', guest)).toBe(left);
    for (const type of ['m.room.join_rules', 'm.room.power_levels']) {
      expect(await room.value(type)).toBe(before.get(`${type.length} ${type}`));
    }
  }
});

function addAll({ remote }: StartedRoom, branch: readonly RemoteFields[], start: EventId): EventId[] {
  let last = start;
  return branch.map((fields) => {
    last = remote.add(fields, [last]);
    return last;
  });
}

function hasSeen(deltas: readonly RoomDelta[], eventId: EventId): boolean {
  return deltas.some(({ events }) => events.some(({ event }) => event.event_id === eventId));
}

/** What a follower has for a key of the state, by the events and corrections it was sent. */
function followed(deltas: readonly RoomDelta[], type: string, stateKey: string): string | undefined {
  let value: string | undefined;
  for (const { events, corrections, snapshot } of deltas) {
    const set = [
      ...events.map(({ event }) => event),
      ...(corrections?.set ?? []),
      ...(snapshot?.state ?? []),
    ];
    for (const event of set) {
      if (event.type === type && event.state_key === stateKey) value = event.event_id;
    }
    if (corrections?.removed.some((key) => key.type === type && key.stateKey === stateKey)) value = undefined;
  }
  return value;
}
