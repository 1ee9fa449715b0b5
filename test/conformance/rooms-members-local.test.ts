import { describe } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { eventsOf, hasPresence, memberEventOf } from './lib/events.ts';
import { newUsers } from './lib/register.ts';

describe('TestMembersLocal', () => {
  const setting = shared(async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    const since = await alice.now();
    await bob
      .ok('PUT', `/v3/presence/${encodeURIComponent(bob.userId)}/status`, { presence: 'online' })
      .catch(() => undefined);
    await bob.join(roomId);
    return { alice, bob, roomId, since };
  });

  test('New room members see their own join event', async () => {
    const { bob, roomId } = await setting();
    await bob.syncUntil(
      'the own join',
      (sync) => memberEventOf(eventsOf(sync, roomId), bob.userId, 'join') !== undefined,
    );
  });

  test("Existing members see new members' join events", async () => {
    const { alice, bob, roomId, since } = await setting();
    await alice.syncUntil(
      'the join',
      (sync) => memberEventOf(eventsOf(sync, roomId), bob.userId, 'join') !== undefined,
      { since },
    );
  });

  test("Existing members see new members' presence (in incremental sync)", async () => {
    const { alice, bob, since } = await setting();
    await alice.syncUntil('the presence', hasPresence(bob.userId), { since });
  });

  test("Existing members see new members' presence (in initial sync)", async () => {
    const { alice, bob } = await setting();
    await alice.syncUntil('the presence', hasPresence(bob.userId));
  });
});

testAnswersOf('rooms_members_local');
