import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasPresence } from './lib/events.ts';
import { p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

function setPresence(user: User, presence: string, message?: string): Promise<object> {
  const body = { presence, ...(message !== undefined && { status_msg: message }) };
  return user.ok('PUT', p`/v3/presence/${user.userId}/status`, body);
}

function presenceOf(user: User, of: User): Promise<Record<string, unknown>> {
  return user.ok('GET', p`/v3/presence/${of.userId}/status`);
}

describe('TestPresence', () => {
  const pair = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    return { alice, bob };
  });

  test('GET /presence/:user_id/status fetches initial status', async () => {
    const user = await newUser();
    expect(await presenceOf(user, user)).toMatchObject({
      presence: expect.stringMatching(/^(online|offline|unavailable)$/),
    });
  });

  test('PUT /presence/:user_id/status updates my presence', async () => {
    const user = await newUser();
    await setPresence(user, 'online', 'Testing something');
    expect(await presenceOf(user, user)).toMatchObject({
      presence: 'online',
      status_msg: 'Testing something',
    });
  });

  test('Presence can be set from sync', async () => {
    const { alice, bob } = await pair();
    const since = await bob.now();
    await alice.sync({ set_presence: 'unavailable' });
    await bob.syncUntil('the presence', hasPresence(alice.userId, 'unavailable'), { since });
  });

  test('Presence changes are reported to local room members', async () => {
    const { alice, bob } = await pair();
    const since = await bob.now();
    await setPresence(alice, 'online', 'here I am');
    const sync = await bob.syncUntil('the presence', hasPresence(alice.userId, 'online'), { since });
    const event = sync.presence?.events.find(({ sender }) => sender === alice.userId);
    expect(event).toMatchObject({ type: 'm.presence', content: { status_msg: 'here I am' } });
  });

  test('Presence changes to UNAVAILABLE are reported to local room members', async () => {
    const { alice, bob } = await pair();
    await setPresence(alice, 'online');
    const since = await bob.now();
    await setPresence(alice, 'unavailable');
    await bob.syncUntil('the presence', hasPresence(alice.userId, 'unavailable'), { since });
  });
});

describe('Who is told of presence', () => {
  test('Who shares no room may not ask, and is told nothing', async () => {
    const [alice, bob, stranger] = await newUsers('alice', 'bob', 'stranger');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const [since, strange] = [await bob.now(), await stranger.now()];
    await setPresence(alice, 'online', 'not for everybody');
    await bob.syncUntil('the presence', hasPresence(alice.userId, 'online'), { since });
    expect(hasPresence(alice.userId)(await stranger.sync({ since: strange }))).toBe(false);
    const path = p`/v3/presence/${alice.userId}/status`;
    expect(await stranger.refusal('GET', path)).toEqual([403, 'M_FORBIDDEN']);
    expect(await presenceOf(bob, alice)).toMatchObject({
      presence: 'online',
      status_msg: 'not for everybody',
    });
  });

  test('A filter leaves presence out', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await setPresence(alice, 'online');
    await bob.syncUntil('the presence', hasPresence(alice.userId, 'online'));
    const filter = JSON.stringify({ presence: { not_types: ['m.presence'] } });
    expect((await bob.sync({ filter })).presence?.events ?? []).toEqual([]);
  });

  test('Nobody says it for somebody else, and only what there is', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const path = p`/v3/presence/${alice.userId}/status`;
    expect(await bob.refusal('PUT', path, { presence: 'online' })).toEqual([403, 'M_FORBIDDEN']);
    expect((await alice.call('PUT', path, { presence: 'dancing' })).status).toBe(400);
  });
});

testAnswersOf('apidoc_presence');
