import { expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent, timelineOf } from './lib/events.ts';
import { newUsers } from './lib/register.ts';

test('TestMembershipOnEvents', async () => {
  const [alice, bob] = await newUsers('alice', 'bob');
  const roomId = await alice.createPublicRoom();
  const before = await alice.message(roomId, 'before bob');
  await bob.join(roomId);
  const after = await alice.message(roomId, 'after bob');

  const filter = JSON.stringify({ room: { timeline: { limit: 20 } } });
  const sync = await bob.syncUntil('the message', hasEvent(roomId, after), { filter });
  const { chunk } = await bob.pageOf(roomId, { dir: 'b', limit: 20 });
  for (const events of [timelineOf(sync, roomId), chunk]) {
    const membershipAt = (eventId: string) =>
      events.find((event) => event.event_id === eventId)?.unsigned?.membership;
    expect(membershipAt(before)).toBe('leave');
    expect(membershipAt(after)).toBe('join');
    const join = events.find((event) => event.state_key === bob.userId);
    expect(join?.unsigned?.membership).toBe('join');
  }
});

testAnswersOf('membership_on_events');
