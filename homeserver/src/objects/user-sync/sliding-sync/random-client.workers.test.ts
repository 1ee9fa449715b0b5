import { evictDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { FakeRoom } from '../testing/fake-room.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { type Json, TestClient } from '../testing/test-client.ts';

const bob = '@bob:roost.test';

/** What a client believes of a room: the tail of its messages, its topic, and whose receipts it knows. */
interface Belief {
  numbers: number[];
  topic: string | undefined;
  notifications: number;
  tag: number | undefined;
}

class BelievingClient {
  readonly rooms = new Map<string, Belief>();
  readonly #userId: string;

  constructor(userId: string) {
    this.#userId = userId;
  }

  take(answer: Json): void {
    for (const [roomId, room] of Object.entries<Json>(answer.rooms)) {
      const fresh = { numbers: [], topic: undefined, notifications: 0, tag: this.rooms.get(roomId)?.tag };
      const own = (room.required_state ?? []).find((event: Json) => event.state_key === this.#userId);
      if (own?.content.membership === 'leave' && own.sender === this.#userId) {
        // Also what was left, joined and left again without the client having noticed.
        this.rooms.delete(roomId);
        continue;
      }
      const belief = room.initial ? fresh : this.rooms.get(roomId);
      if (!belief) throw new Error('a room came without beginning');
      this.rooms.set(roomId, belief);
      const numbers = (room.timeline ?? [])
        .filter((event: Json) => event.type === 'm.room.message')
        .map((event: Json) => event.content.number);
      if (room.limited || room.unstable_expanded_timeline) belief.numbers = numbers;
      else belief.numbers.push(...numbers);
      // The state in force need not be what the timeline says last.
      for (const event of room.required_state ?? []) {
        if (event.type === 'm.room.topic') belief.topic = event.content.topic;
      }
      belief.notifications = room.notification_count ?? belief.notifications;
    }
    for (const [roomId, events] of Object.entries<Json[]>(answer.extensions.account_data.rooms)) {
      const belief = this.rooms.get(roomId);
      if (belief) belief.tag = events.at(-1)?.content.tag;
    }
  }
}

/**
 * A client with changing windows and subscriptions, whose answers get lost at times, beside rooms where
 * things happen, which one leaves or is removed from and joins again, and an object that is evicted: in the
 * end it must believe what a new client is told.
 */
test.each([1, 2, 3, 4, 5, 6, 9, 13, 43, 134, 231, 236])(
  'a client believes in the end what is true, run %i',
  async (seed) => {
    const random = seededRandom(seed);
    const alice = await TestClient.login(`ss-random-${seed}`);
    const rooms = Array.from({ length: 8 }, (_, index) =>
      FakeRoom.created(`ss-random-${seed}-${index}`, alice.userId, bob),
    );
    const counters = new Map<FakeRoom, number>();
    const say = (room: FakeRoom, more: Json = {}) => {
      const number = (counters.get(room) ?? 0) + 1;
      counters.set(room, number);
      return room.add(bob, 'm.room.message', { number, body: String(number), ...more });
    };
    const client = new BelievingClient(alice.userId);
    let pos: string | undefined;
    let subscribed: string[] = [];
    let last = 2;
    const ask = (limit: number, range: number, subscriptions: string[]): Json => {
      const config = {
        timeline_limit: limit,
        required_state: [
          ['m.room.topic', ''],
          ['m.room.member', '$LAZY'],
          ['m.room.member', '$ME'],
        ],
      };
      return {
        lists: { all: { ...config, ranges: [[0, range]] } },
        room_subscriptions: Object.fromEntries(
          subscriptions.map((roomId) => [roomId, { ...config, timeline_limit: 4 }]),
        ),
        extensions: {
          account_data: { enabled: true },
          receipts: { enabled: true },
          typing: { enabled: true },
        },
      };
    };
    const poll = async (body: Json) => {
      const answer = await alice.sliding(body, pos === undefined ? {} : { pos });
      if (random(4) === 0) return;
      client.take(answer);
      ({ pos } = answer);
    };

    const happen = async (room: FakeRoom) => {
      const joined = room.members.get(alice.userId) === 'join';
      const kind = random(7);
      if (room.delivered === 0 || !joined) {
        if (room.delivered > 0) room.member(alice.userId, 'join');
        say(room);
        await alice.user.applyRoomDelta(room.snapshot());
      } else if (kind === 0) {
        room.add(bob, 'm.room.topic', { topic: String(random(1_000_000)) }, '');
        if (random(3) === 0) room.correct(bob, 'm.room.topic', { topic: String(random(1_000_000)) }, '');
        await alice.user.applyRoomDelta(room.delta());
      } else if (kind === 1) {
        const event = say(room);
        const receipts = { [event.event_id]: { 'm.read': { [alice.userId]: { ts: random(1000) } } } };
        await alice.user.applyRoomDelta(room.delta({ receipts }));
      } else if (kind === 6 && random(2) === 0) {
        room.member(alice.userId, 'leave', random(2) === 0 ? alice.userId : bob);
        await alice.user.applyRoomDelta(room.delta());
        // What is said now is not for this user.
        say(room);
        room.delivered = room.position;
      } else if (kind === 2) {
        await alice.user.putAccountData('m.tag', { tag: random(1_000_000) }, room.roomId);
      } else {
        for (let count = random(6); count >= 0; count -= 1) say(room);
        await alice.user.applyRoomDelta(room.delta());
      }
    };

    for (let step = 0; step < 120; step += 1) {
      const room = rooms[random(rooms.length)];
      if (room && random(3) > 0) await happen(room);
      if (random(5) === 0) last = random(9);
      if (random(6) === 0) subscribed = rooms.filter(() => random(4) === 0).map(({ roomId }) => roomId);
      if (random(2) === 0) await poll(ask(1 + random(2), last, subscribed));
      if (random(25) === 0) {
        // Only what runs can be evicted.
        await alice.user.joinedRooms();
        await evictDurableObject(alice.stub);
      }
    }
    const everything = ask(2, 99, []);
    for (let round = 0; round < 3; round += 1) {
      const answer = await alice.sliding(everything, pos === undefined ? {} : { pos });
      client.take(answer);
      ({ pos } = answer);
    }
    expect((await alice.sliding(everything, { pos: String(pos) })).rooms).toEqual({});

    const truth = new BelievingClient(alice.userId);
    truth.take(await alice.sliding({ ...everything, conn_id: 'new' }));
    expect([...client.rooms.keys()].sort()).toEqual([...truth.rooms.keys()].sort());
    for (const [roomId, belief] of client.rooms) {
      const { numbers, ...rest } = belief;
      const { numbers: latest = [], ...expected } = truth.rooms.get(roomId) ?? {};
      expect([roomId, rest]).toEqual([roomId, expected]);
      if (latest.length > 0) expect(numbers.at(-1)).toBe(latest.at(-1));
      // No hole in what it has, and nothing twice.
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    }
  },
);
