import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { needsFeature } from './lib/features.ts';
import { p } from './lib/http.ts';
import { newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

interface Setting {
  user: User;
  roomId: string;
  root: string;
  path: string;
}

/** A thread of two messages. */
async function thread(): Promise<Setting & { replies: string[] }> {
  await needsFeature('org.matrix.msc4306');
  const user = await newUser();
  const roomId = await user.createRoom();
  const root = await user.message(roomId, 'root');
  const inThread = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } };
  const replies = [
    await user.message(roomId, 'first', inThread),
    await user.message(roomId, 'second', inThread),
  ];
  const path = p`/unstable/io.element.msc4306/rooms/${roomId}/thread/${root}/subscription`;
  return { user, roomId, root, path, replies };
}

const notSubscribed = [404, 'M_NOT_FOUND'];

describe('TestThreadSubscriptions', () => {
  test('Can subscribe to and unsubscribe from a thread', async () => {
    const { user, path } = await thread();
    expect(await user.refusal('GET', path)).toEqual(notSubscribed);
    await user.ok('PUT', path, {});
    expect(await user.ok('GET', path)).toEqual({ automatic: false });
    await user.ok('DELETE', path);
    expect(await user.refusal('GET', path)).toEqual(notSubscribed);
  });

  test('Can create automatic subscription to a thread', async () => {
    const { user, path, replies } = await thread();
    await user.ok('PUT', path, { automatic: replies[0] });
    expect(await user.ok('GET', path)).toEqual({ automatic: true });
  });

  test('Manual subscriptions overwrite automatic subscriptions', async () => {
    const { user, path, replies } = await thread();
    await user.ok('PUT', path, { automatic: replies[0] });
    await user.ok('PUT', path, {});
    expect(await user.ok('GET', path)).toEqual({ automatic: false });
  });

  test('Error when using invalid automatic event ID', async () => {
    const { user, roomId, path } = await thread();
    const elsewhere = await user.message(roomId, 'not in the thread');
    const [status] = await user.refusal('PUT', path, { automatic: elsewhere });
    expect(status).toBe(400);
  });

  test('Cannot use thread root as automatic subscription cause event', async () => {
    const { user, root, path } = await thread();
    expect((await user.refusal('PUT', path, { automatic: root }))[0]).toBe(400);
  });

  test('Unsubscribe succeeds even with no subscription', async () => {
    const { user, path } = await thread();
    expect((await user.refusal('DELETE', path))[0]).toBe(200);
  });

  test('Nonexistent threads return 404', async () => {
    const { user, roomId } = await thread();
    const path = p`/unstable/io.element.msc4306/rooms/${roomId}/thread/${'$nonexistent'}/subscription`;
    expect(await user.refusal('GET', path)).toEqual(notSubscribed);
    expect((await user.refusal('PUT', path, {}))[0]).toBe(404);
  });

  test('Server-side automatic subscription ordering conflict', async () => {
    const { user, path, replies } = await thread();
    await user.ok('PUT', path, { automatic: replies[0] });
    await user.ok('DELETE', path);
    // What came before the unsubscription does not subscribe again.
    const [status, errcode] = await user.refusal('PUT', path, { automatic: replies[1] });
    expect([status, String(errcode)]).toEqual([409, expect.stringMatching(/CONFLICTING_UNSUBSCRIPTION$/)]);
    expect(await user.refusal('GET', path)).toEqual(notSubscribed);
  });
});

describe('TestMSC4308ThreadSubscriptionsSlidingSync', () => {
  const extension = 'io.element.msc4308.thread_subscriptions';

  interface Answer {
    pos: string;
    extensions: Record<string, { subscribed?: Record<string, Record<string, { automatic: boolean }>> }>;
  }

  function slidingSync(user: User, pos?: string): Promise<Answer> {
    const body = { lists: {}, extensions: { [extension]: { enabled: true, limit: 10 } } };
    const query = { timeout: 0, pos };
    return user.ok<Answer>('POST', '/unstable/org.matrix.simplified_msc3575/sync', body, query);
  }

  test('Receives thread subscriptions over initial sliding sync', async () => {
    const { user, roomId, root, path } = await thread();
    await user.ok('PUT', path, {});
    const answer = await slidingSync(user);
    expect(answer.extensions[extension]?.subscribed?.[roomId]?.[root]).toMatchObject({ automatic: false });
  });

  test('Receives thread subscriptions over incremental sliding sync', async () => {
    const { user, roomId, root, path, replies } = await thread();
    const { pos } = await slidingSync(user);
    await user.ok('PUT', path, { automatic: replies[0] });
    const answer = await slidingSync(user, pos);
    expect(answer.extensions[extension]?.subscribed?.[roomId]?.[root]).toMatchObject({ automatic: true });
  });
});

testAnswersOf('thread_subscriptions');
