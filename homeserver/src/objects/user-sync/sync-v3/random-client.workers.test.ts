import { evictDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { FakeRoom } from '../testing/fake-room.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';

interface Belief {
  numbers: number[];
  /** The newest event of any type. */
  newest: string | undefined;
  topic: string | undefined;
  notifications: number;
  tag: number | undefined;
  typing: string[];
}

/** A client of `/sync`, reduced to what it believes. */
class BelievingClient {
  readonly rooms = new Map<string, Belief>();

  take(answer: Json): void {
    for (const roomId of Object.keys(answer.rooms?.leave ?? {})) this.rooms.delete(roomId);
    for (const [roomId, entry] of Object.entries<Json>(answer.rooms?.join ?? {})) {
      const fresh = {
        numbers: [],
        newest: undefined,
        topic: undefined,
        notifications: 0,
        tag: undefined,
        typing: [],
      };
      const belief: Belief = this.rooms.get(roomId) ?? fresh;
      this.rooms.set(roomId, belief);
      const { events, limited } = entry.timeline;
      const numbers = events
        .filter((event: Json) => event.type === 'm.room.message')
        .map((event: Json) => event.content.number);
      belief.newest = events.at(-1)?.event_id ?? belief.newest;
      belief.numbers = limited ? numbers : [...belief.numbers, ...numbers];
      for (const event of entry.state_after?.events ?? [...entry.state.events, ...events]) {
        if (event.type === 'm.room.topic') belief.topic = event.content.topic;
      }
      belief.notifications = entry.unread_notifications.notification_count;
      for (const event of entry.account_data.events) belief.tag = event.content.tag;
      for (const event of entry.ephemeral.events) {
        if (event.type === 'm.typing') belief.typing = event.content.user_ids;
      }
    }
  }
}

/**
 * See its sibling of sliding sync: here one also leaves rooms and comes back. Every second client asks for
 * `state_after`, and in its rooms branches meet: the last topic of the timeline need not be the one in force.
 */
test.each([1, 2, 3, 4, 26, 31, 38])('a client believes in the end what is true, run %i', async (seed) => {
  const random = seededRandom(seed);
  const after: Record<string, string> = seed % 2 === 0 ? { use_state_after: 'true' } : {};
  const alice = await TestClient.login(`v3-random-${seed}`);
  const rooms = Array.from({ length: 5 }, (_, index) =>
    FakeRoom.created(`v3-random-${seed}-${index}`, alice.userId, bob),
  );
  const counters = new Map<FakeRoom, number>();
  const say = (room: FakeRoom) => {
    const number = (counters.get(room) ?? 0) + 1;
    counters.set(room, number);
    return room.add(bob, 'm.room.message', { number, body: String(number) });
  };
  const apply = (room: FakeRoom, more: Json = {}) => alice.user.applyRoomDelta(room.delta(more));
  const happen = async (room: FakeRoom) => {
    const kind = random(8);
    if (room.delivered === 0 || room.members.get(alice.userId) !== 'join') {
      if (room.delivered > 0) room.member(alice.userId, 'join');
      say(room);
      await alice.user.applyRoomDelta(room.snapshot(1 + random(4)));
    } else if (kind === 0) {
      room.add(bob, 'm.room.topic', { topic: String(random(1_000_000)) }, '');
      if (seed % 2 === 0 && random(2) === 0) {
        room.correct(bob, 'm.room.topic', { topic: String(random(1_000_000)) }, '');
      }
      await apply(room);
    } else if (kind === 1) {
      const event = say(room);
      await apply(room, {
        receipts: { [event.event_id]: { 'm.read': { [alice.userId]: { ts: random(1000) } } } },
      });
    } else if (kind === 2) {
      await alice.user.putAccountData('m.tag', { tag: random(1_000_000) }, room.roomId);
    } else if (kind === 3) {
      await apply(room, { typing: random(2) === 0 ? [bob] : [] });
    } else if (kind === 4 && random(2) === 0) {
      room.member(alice.userId, 'leave');
      await apply(room);
      // What is said now is not for this user.
      say(room);
      room.delivered = room.position;
    } else {
      for (let count = random(20); count >= 0; count -= 1) say(room);
      await apply(room);
    }
  };

  const client = new BelievingClient();
  let since: string | undefined;
  const poll = async () => {
    const filter = JSON.stringify({ room: { timeline: { limit: 1 + random(12) } } });
    const answer = await alice.sync({ filter, ...after, ...(since !== undefined && { since }) });
    if (random(4) === 0) return;
    client.take(answer);
    since = answer.next_batch;
  };
  for (let step = 0; step < 120; step += 1) {
    const room = rooms[random(rooms.length)];
    if (room && random(3) > 0) await happen(room);
    if (random(3) === 0) await poll();
    if (random(25) === 0) {
      // Only what runs can be evicted.
      await alice.user.joinedRooms();
      await evictDurableObject(alice.stub);
    }
  }
  const last = await alice.sync({ ...after, ...(since !== undefined && { since }) });
  client.take(last);
  expect(await alice.sync({ since: last.next_batch })).not.toHaveProperty('rooms');

  const truth = new BelievingClient();
  const filter = JSON.stringify({ room: { state: { lazy_load_members: true } } });
  truth.take(await alice.sync({ ...after, filter }));
  expect([...client.rooms.keys()].sort()).toEqual([...truth.rooms.keys()].sort());
  for (const [roomId, belief] of client.rooms) {
    const { numbers, ...rest } = belief;
    const { numbers: _latest, ...expected } = truth.rooms.get(roomId) ?? {};
    expect([roomId, rest]).toEqual([roomId, expected]);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  }
});
