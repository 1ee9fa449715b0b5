import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { type ClientEvent, hasEvent, isJoined, type JoinedRoom } from './lib/events.ts';
import { newUsers } from './lib/register.ts';

function stateAfterOf(room: JoinedRoom | undefined): ClientEvent[] {
  const stable = (room as { state_after?: { events: ClientEvent[] } } | undefined)?.state_after;
  return (stable ?? room?.['org.matrix.msc4222.state_after'])?.events ?? [];
}

describe('TestSync (msc4222)', () => {
  for (const visibility of ['private', 'public']) {
    test(`Initial sync with lazy-loading room members -> ${visibility} room \`state_after\` includes all members from timeline`, async () => {
      const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
      const isPublic = visibility === 'public';
      const roomId = await alice.createRoom({
        preset: `${visibility}_chat`,
        ...(!isPublic && { invite: [bob.userId, charlie.userId] }),
      });
      await bob.join(roomId);
      await charlie.join(roomId);
      await bob.message(roomId, 'of bob');
      const last = await charlie.message(roomId, 'of charlie');
      const filter = JSON.stringify({
        room: { timeline: { limit: 2 }, state: { lazy_load_members: true } },
      });
      const sync = await alice.syncUntil('the messages', hasEvent(roomId, last), {
        filter,
        use_state_after: true,
        'org.matrix.msc4222.use_state_after': true,
      });
      const room = sync.rooms?.join?.[roomId];
      const members = stateAfterOf(room)
        .filter((event) => event.type === 'm.room.member')
        .map((event) => event.state_key);
      expect(members).toEqual(expect.arrayContaining([bob.userId, charlie.userId]));
      expect(room?.state?.events ?? []).toEqual([]);
    });
  }

  test('What a timeline changes is in state_after too', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const options = { use_state_after: true, 'org.matrix.msc4222.use_state_after': true };
    const { next_batch: since } = await bob.syncUntil('the room', isJoined(roomId), options);
    const name = await alice.setState(roomId, 'm.room.name', { name: 'new' });
    const sync = await bob.syncUntil('the name', hasEvent(roomId, name), { since, ...options });
    expect(stateAfterOf(sync.rooms?.join?.[roomId]).map((event) => event.event_id)).toEqual([name]);
  });
});

testAnswersOf('msc4222');
