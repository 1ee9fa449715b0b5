import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, type SyncAnswer } from './lib/events.ts';
import { needsFeature } from './lib/features.ts';
import { call, p } from './lib/http.ts';
import { newName, newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

const base = '/unstable/org.matrix.msc4140/delayed_events';
const type = 'org.example.delayed';
const delayParameter = 'org.matrix.msc4140.delay';

describe('TestDelayedEvents', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom({
      power_level_content_override: { events: { [type]: 0 } },
    });
    await bob.join(roomId);
    return { alice, bob, roomId };
  });

  async function ready() {
    await needsFeature('org.matrix.msc4140');
    return setting();
  }

  async function delayState(user: User, roomId: string, stateKey: string, delayMs: number): Promise<string> {
    const path = p`/v3/rooms/${roomId}/state/${type}/${stateKey}`;
    const query = { [delayParameter]: delayMs };
    return (await user.ok<{ delay_id: string }>('PUT', path, { stateKey }, query)).delay_id;
  }

  async function pending(user: User): Promise<Record<string, unknown>[]> {
    const answer = await user.ok<{ delayed_events: Record<string, unknown>[] }>('GET', base);
    return answer.delayed_events;
  }

  function act(delayId: string, action: string): Promise<[number, unknown]> {
    return call('POST', `${base}/${encodeURIComponent(delayId)}/${action}`, { body: {} }).then(
      ({ status, body }) => [status, body.errcode],
    );
  }

  function hasState(roomId: string, stateKey: string): (sync: SyncAnswer) => boolean {
    return (sync) =>
      eventsOf(sync, roomId).some((event) => event.type === type && event.state_key === stateKey);
  }

  test('delayed events are empty on startup', async () => {
    await needsFeature('org.matrix.msc4140');
    expect(await pending(await newUser())).toEqual([]);
  });

  test('delayed event lookups are authenticated', async () => {
    await needsFeature('org.matrix.msc4140');
    const { status, body } = await call('GET', base);
    expect([status, body.errcode]).toEqual([401, 'M_MISSING_TOKEN']);
  });

  test('delayed message events are sent on timeout', async () => {
    const { alice, bob, roomId } = await ready();
    const since = await bob.now();
    const path = p`/v3/rooms/${roomId}/send/${type}/${newName('txn')}`;
    const query = { [delayParameter]: 700 };
    const { delay_id: delayId } = await alice.ok('PUT', path, { value: 'later' }, query);
    expect(delayId).toEqual(expect.any(String));
    expect(await pending(alice)).toContainEqual(
      expect.objectContaining({ delay_id: delayId, room_id: roomId, type, delay: 700 }),
    );
    await bob.syncUntil(
      'the delayed message',
      (sync) =>
        eventsOf(sync, roomId).some((event) => event.type === type && event.content.value === 'later'),
      { since },
    );
    expect((await pending(alice)).map((event) => event.delay_id)).not.toContain(delayId);
  });

  test('delayed state events are sent on timeout', async () => {
    const { alice, bob, roomId } = await ready();
    const since = await bob.now();
    await delayState(alice, roomId, 'on timeout', 700);
    const path = p`/v3/rooms/${roomId}/state/${type}/${'on timeout'}`;
    expect(await alice.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
    await bob.syncUntil('the delayed state', hasState(roomId, 'on timeout'), { since });
    expect(await alice.state(roomId, type, 'on timeout')).toEqual({ stateKey: 'on timeout' });
  });

  test('cannot update a delayed event with an invalid action', async () => {
    const { alice, roomId } = await ready();
    const delayId = await delayState(alice, roomId, 'invalid action', 60_000);
    const [status] = await act(delayId, 'oops');
    expect([400, 404]).toContain(status);
    await act(delayId, 'cancel');
  });

  test('cannot update a delayed event without an action', async () => {
    const { alice, roomId } = await ready();
    const delayId = await delayState(alice, roomId, 'no action', 60_000);
    const { status } = await call('POST', `${base}/${delayId}`, { token: alice.accessToken, body: {} });
    expect([400, 404, 405]).toContain(status);
    await act(delayId, 'cancel');
  });

  for (const action of ['cancel', 'restart', 'send']) {
    test(`cannot ${action} a delayed event without a matching delay ID`, async () => {
      await needsFeature('org.matrix.msc4140');
      expect(await act('no-such-id', action)).toEqual([404, 'M_NOT_FOUND']);
    });
  }

  test('delayed state events can be cancelled', async () => {
    const { alice, roomId } = await ready();
    const delayId = await delayState(alice, roomId, 'cancelled', 60_000);
    expect((await act(delayId, 'cancel'))[0]).toBe(200);
    expect((await pending(alice)).map((event) => event.delay_id)).not.toContain(delayId);
    const path = p`/v3/rooms/${roomId}/state/${type}/cancelled`;
    expect(await alice.refusal('GET', path)).toEqual([404, 'M_NOT_FOUND']);
  });

  test('delayed state events can be sent on request', async () => {
    const { alice, roomId } = await ready();
    const delayId = await delayState(alice, roomId, 'sent at once', 60_000);
    expect((await act(delayId, 'send'))[0]).toBe(200);
    expect(await alice.state(roomId, type, 'sent at once')).toEqual({ stateKey: 'sent at once' });
    expect((await pending(alice)).map((event) => event.delay_id)).not.toContain(delayId);
  });

  test('delayed state events can be restarted', async () => {
    const { alice, roomId } = await ready();
    const delayId = await delayState(alice, roomId, 'restarted', 60_000);
    const before = (await pending(alice)).find((event) => event.delay_id === delayId);
    expect((await act(delayId, 'restart'))[0]).toBe(200);
    const after = (await pending(alice)).find((event) => event.delay_id === delayId);
    expect(Number(after?.running_since)).toBeGreaterThanOrEqual(Number(before?.running_since));
    await act(delayId, 'cancel');
  });
});

testAnswersOf('delayed_event');
