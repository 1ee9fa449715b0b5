import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

describe('TestRedact', () => {
  test('Event content is redacted', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const eventId = await alice.message(roomId, 'to be regretted');
    const since = await bob.now();
    const redactionId = await alice.redact(roomId, eventId, { reason: 'regretted' });
    await bob.syncUntil('the redaction', hasEvent(roomId, redactionId), { since });
    const event = await bob.ok('GET', p`/v3/rooms/${roomId}/event/${eventId}`);
    expect(event).toMatchObject({
      content: {},
      unsigned: { redacted_because: { event_id: redactionId, content: { reason: 'regretted' } } },
    });
    const { chunk } = await bob.pageOf(roomId, { dir: 'b', limit: 10 });
    expect(chunk.find((other) => other.event_id === eventId)?.content).toEqual({});
  });

  test('What others sent only moderators redact', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const ofAlice = await alice.message(roomId, 'stays');
    const ofBob = await bob.message(roomId, 'goes');
    const path = p`/v3/rooms/${roomId}/redact/${ofAlice}/txn`;
    expect(await bob.refusal('PUT', path, {})).toEqual([403, 'M_FORBIDDEN']);
    await alice.redact(roomId, ofBob);
    expect(await alice.ok('GET', p`/v3/rooms/${roomId}/event/${ofBob}`)).toMatchObject({ content: {} });
  });
});

testAnswersOf('redact');
