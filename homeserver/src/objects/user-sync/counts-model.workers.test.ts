import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../../../matrix/events.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import type { Env } from '../../env.ts';
import { findRoom } from '../../storage/user-sync/rooms.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import { FakeRoom } from './testing/fake-room.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { makeUserContext } from './user-context.ts';

const bob = '@bob:roost.test';

interface ModelEvent {
  event: ClientEvent;
  position: number;
  thread: string;
  weight: [notifications: number, highlights: number];
}

/** Counts as the specification words them, with every event looked at each time. */
class CountsModel {
  readonly events: ModelEvent[] = [];
  /** By thread; '' is unthreaded. */
  readonly read: Record<string, number> = {};

  readUpTo(thread: string, position: number): void {
    this.read[thread] = Math.max(this.read[thread] ?? 0, position);
  }

  counts(): Record<string, [number, number]> {
    const counts: Record<string, [number, number]> = { main: [0, 0] };
    for (const { position, thread, weight } of this.events) {
      if (weight[0] === 0 || position <= Math.max(this.read[''] ?? 0, this.read[thread] ?? 0)) continue;
      const [notifications, highlights] = counts[thread] ?? [0, 0];
      counts[thread] = [notifications + weight[0], highlights + weight[1]];
    }
    return counts;
  }
}

const fresh = Math.floor(Math.random() * 1_000_000);

test.each([1, 2, 3, 4, 5, 6, 7, 8, fresh])(
  'counts by room and thread are those of a simple model, seed %i',
  async (seed) => {
    const userId = `@counts-${seed}:roost.test` as UserId;
    const stub = (env as unknown as Env).USERS.getByName(userId) as unknown as DurableObjectStub;
    await runInDurableObject(stub, (_instance, state) => {
      const random = seededRandom(seed);
      const model = new CountsModel();
      const room = FakeRoom.created(`counts-${seed}`, userId, bob);
      let user = makeUserContext(userId, new Sqlite(state.storage));
      applyRoomDelta(user, room.snapshot());
      const threads = ['main'];
      const say = (sender: string, silent = false): void => {
        const thread = threads[random(threads.length)] ?? 'main';
        const isMention = random(4) === 0;
        const relation = silent
          ? { rel_type: 'm.replace', event_id: '$other' }
          : { rel_type: 'm.thread', event_id: thread };
        const event = room.message(sender, 'text', {
          ...((silent || thread !== 'main') && { 'm.relates_to': relation }),
          ...(isMention && !silent && { 'm.mentions': { user_ids: [userId] } }),
        });
        const counts = sender === bob && !silent;
        const weight: [number, number] = counts ? [1, isMention ? 1 : 0] : [0, 0];
        const shownIn = silent ? 'main' : thread;
        model.events.push({ event, position: room.position, thread: shownIn, weight });
        if (sender === userId) model.readUpTo(shownIn, room.position);
        if (thread === 'main' && threads.length < 4 && !silent) threads.push(event.event_id);
      };
      const receipt = (): void => {
        const { event, position } = model.events[random(model.events.length)] as ModelEvent;
        const thread = ['', ...threads][random(threads.length + 1)] ?? '';
        const content = { ts: 1_700_000_000_000 + position, ...(thread !== '' && { thread_id: thread }) };
        const type = random(2) === 0 ? 'm.read' : 'm.read.private';
        const receipts = { [event.event_id]: { [type]: { [userId]: content } } };
        applyRoomDelta(user, room.delta({ receipts }));
        model.readUpTo(thread, position);
      };
      const redact = (): void => {
        const target = model.events[random(model.events.length)] as ModelEvent;
        const redaction = room.add(bob, 'm.room.redaction', { redacts: target.event.event_id });
        const redacted = { ...target.event, content: {}, unsigned: { redacted_because: redaction } };
        applyRoomDelta(user, room.delta({ updated: [redacted] as unknown as ClientEvent[] }));
        target.weight = [0, 0];
      };
      say(bob);
      // The ring keeps 64 events, eight of them are the room's beginning.
      while (room.position < 60) {
        const choice = random(12);
        if (choice < 6) say(bob);
        else if (choice === 6) say(bob, true);
        else if (choice === 7) say(userId);
        else if (choice < 10) receipt();
        else if (choice === 10) redact();
        else user = makeUserContext(userId, new Sqlite(state.storage));
        applyRoomDelta(user, room.delta());
        const unread = findRoom(user.sqlite, room.roomId)?.unread;
        expect({ main: unread?.main, ...unread?.threads }, `seed ${seed}`).toEqual(model.counts());
      }
    });
  },
);
