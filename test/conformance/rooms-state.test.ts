import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { type ClientEvent, eventsOf, isJoined, timelineOf } from './lib/events.ts';
import { newUser, newUsers } from './lib/register.ts';

describe('TestRoomCreationReportsEventsToMyself', () => {
  /** What the creator's own sync shows of a new room. */
  async function ownRoom(): Promise<{ events: ClientEvent[]; userId: string }> {
    const user = await newUser();
    const since = await user.now();
    const roomId = await user.createRoom();
    await user.setState(roomId, 'm.room.topic', { topic: 'Testing topic for the new room' });
    const syncs = await user.syncAllUntil(
      'the topic',
      (sync) => eventsOf(sync, roomId).some((event) => event.type === 'm.room.topic'),
      { since },
    );
    return { userId: user.userId, events: syncs.flatMap((sync) => eventsOf(sync, roomId)) };
  }

  test('Room creation reports m.room.create to myself', async () => {
    const { events, userId } = await ownRoom();
    expect(events.find((event) => event.type === 'm.room.create')).toMatchObject({ sender: userId });
  });

  test('Room creation reports m.room.member to myself', async () => {
    const { events, userId } = await ownRoom();
    expect(events.find((event) => event.type === 'm.room.member')).toMatchObject({
      sender: userId,
      state_key: userId,
      content: { membership: 'join' },
    });
  });

  test('Setting room topic reports m.room.topic to myself', async () => {
    const { events, userId } = await ownRoom();
    expect(events.find((event) => event.type === 'm.room.topic')).toMatchObject({
      sender: userId,
      content: { topic: 'Testing topic for the new room' },
    });
  });

  test('Setting state twice is idempotent', async () => {
    const user = await newUser();
    const roomId = await user.createRoom();
    const content = { nothing: { deep: [1, 2] } };
    const first = await user.setState(roomId, 'org.example.state', content);
    expect(await user.setState(roomId, 'org.example.state', content)).toBe(first);
    expect(await user.setState(roomId, 'org.example.state', { nothing: 'else' })).not.toBe(first);
  });

  test('Joining room twice is idempotent', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const joined = await bob.syncUntil('the room', isJoined(roomId));
    await bob.join(roomId);
    const { event_id: eventId } = await bob.ok(
      'GET',
      `/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.member/${encodeURIComponent(bob.userId)}`,
      undefined,
      { format: 'event' },
    );
    const members = timelineOf(joined, roomId).filter((event) => event.state_key === bob.userId);
    expect(members.map((event) => event.event_id)).toEqual([eventId]);
  });
});

testAnswersOf('rooms_state');
