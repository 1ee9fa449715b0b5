import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import type { ClientEvent } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUsers } from './lib/register.ts';

describe('TestLeftRoomFixture', () => {
  /** Bob leaves a room, and then much changes in it. */
  const departed = shared(async () => {
    const [alice, bob, charlie] = await newUsers('alice', 'bob', 'charlie');
    const roomId = await alice.createPublicRoom({ name: 'before', topic: 'before' });
    await bob.join(roomId);
    const before = await alice.messages(roomId, 'before', 3);
    await bob.leave(roomId);
    const after = await alice.messages(roomId, 'after', 3);
    await alice.setState(roomId, 'm.room.name', { name: 'after' });
    await alice.setState(roomId, 'madeup.test.state', { body: 'after' });
    await charlie.join(roomId);
    return { alice, bob, charlie, roomId, before, after };
  });

  test("Can get 'm.room.name' state for a departed room", async () => {
    const { bob, roomId } = await departed();
    expect(await bob.state(roomId, 'm.room.name')).toEqual({ name: 'before' });
    const path = p`/v3/rooms/${roomId}/state/madeup.test.state/`;
    expect(await bob.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
  });

  test('Can get rooms/{roomId}/state for a departed room', async () => {
    const { bob, roomId } = await departed();
    const state = await bob.ok<ClientEvent[]>('GET', p`/v3/rooms/${roomId}/state`);
    expect(state.find((event) => event.type === 'm.room.name')?.content).toEqual({ name: 'before' });
    expect(state.map((event) => event.type)).not.toContain('madeup.test.state');
  });

  test('Can get rooms/{roomId}/members for a departed room', async () => {
    const { alice, bob, roomId } = await departed();
    const { chunk } = await bob.ok<{ chunk: ClientEvent[] }>('GET', p`/v3/rooms/${roomId}/members`);
    const memberships = Object.fromEntries(chunk.map((event) => [event.state_key, event.content.membership]));
    expect(memberships).toEqual({ [alice.userId]: 'join', [bob.userId]: 'leave' });
  });

  test('Can get rooms/{roomId}/messages for a departed room', async () => {
    const { bob, roomId, before, after } = await departed();
    const { chunk } = await bob.pageOf(roomId, { dir: 'b', limit: 50 });
    const ids = chunk.map((event) => event.event_id);
    expect(ids).toEqual(expect.arrayContaining(before));
    for (const eventId of after) expect(ids).not.toContain(eventId);
  });

  test('Getting messages going forward is limited for a departed room', async () => {
    const { bob, roomId } = await departed();
    const since = await bob.now();
    const { chunk } = await bob.pageOf(roomId, { dir: 'f', from: since, limit: 100 });
    expect(chunk).toEqual([]);
  });
});

testAnswersOf('room_leave');
