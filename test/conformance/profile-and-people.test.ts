import { describe, expect } from 'vitest';
import { skip, test, testAnswersOf } from './lib/conformance-test.ts';
import { hasEvent } from './lib/events.ts';
import { ok, p } from './lib/http.ts';
import { newUser, newUsers } from './lib/register.ts';
import type { User } from './lib/user.ts';

describe('Profile fields', () => {
  test('Fields of any name are set, read and deleted', async () => {
    const user = await newUser();
    const profile = p`/v3/profile/${user.userId}`;
    const value = { text: 'busy', list: [1, 2] };
    await user.ok('PUT', `${profile}/org.example.status`, { 'org.example.status': value });
    expect(await ok('GET', `${profile}/org.example.status`)).toEqual({ 'org.example.status': value });
    expect(await ok('GET', profile)).toMatchObject({ 'org.example.status': value });
    await user.ok('DELETE', `${profile}/org.example.status`);
    expect(await user.refusal('GET', `${profile}/org.example.status`)).toEqual([404, 'M_NOT_FOUND']);
  });

  test('A profile has limits', async () => {
    const user = await newUser();
    const profile = p`/v3/profile/${user.userId}`;
    const large = { 'org.example.large': 'x'.repeat(70_000) };
    const [status, errcode] = await user.refusal('PUT', `${profile}/org.example.large`, large);
    expect([[400, 413].includes(status), errcode]).toEqual([true, expect.stringMatching(/TOO_LARGE/)]);
  });

  test('Nobody who is not there has a profile', async () => {
    const user = await newUser();
    const path = p`/v3/profile/${`@nobody-at-all:${user.serverName}`}`;
    expect((await user.refusal('GET', path))[0]).toBe(404);
  });
});

describe('Mutual rooms', () => {
  async function mutual(user: User, other: User) {
    const query = { user_id: other.userId };
    const stable = await user.call('GET', '/v1/mutual_rooms', undefined, query);
    if (stable.status !== 404) return stable;
    const unstable = '/unstable/uk.half-shot.msc2666/user/mutual_rooms';
    const answer = await user.call('GET', unstable, undefined, query);
    return answer.status === 404 ? skip('mutual rooms are not told') : answer;
  }

  test('Rooms that two users share', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const shared = await alice.createPublicRoom();
    await alice.createPublicRoom();
    await bob.join(shared);
    expect((await mutual(alice, bob)).body.joined).toEqual([shared]);
    expect((await mutual(bob, alice)).body.joined).toEqual([shared]);
    const stranger = await newUser('stranger');
    expect((await mutual(stranger, bob)).body.joined).toEqual([]);
  });
});

describe('Notifications', () => {
  test('What a push rule tells of is listed, the latest first', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const first = await bob.message(roomId, 'first');
    const second = await bob.message(roomId, `${alice.userId} second`, {
      'm.mentions': { user_ids: [alice.userId] },
    });
    await alice.syncUntil('the messages', hasEvent(roomId, second));
    interface Listed {
      notifications: { room_id: string; read: boolean; ts: number; event: { event_id: string } }[];
    }
    const list = async (query: Record<string, string> = {}) => {
      const { notifications } = await alice.ok<Listed>('GET', '/v3/notifications', undefined, query);
      return notifications.filter((one) => one.room_id === roomId);
    };
    const all = await list();
    expect(all.map((one) => one.event.event_id)).toEqual([second, first]);
    expect(all.map((one) => one.read)).toEqual([false, false]);
    expect((await list({ only: 'highlight' })).map((one) => one.event.event_id)).toEqual([second]);
    await alice.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read/${first}`, {});
    expect((await list()).map((one) => one.read)).toEqual([false, true]);
  });
});

describe('Unread counts', () => {
  test('They grow with messages, know mentions, and a receipt ends them', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    await bob.message(roomId, 'one');
    const last = await bob.message(roomId, 'two', { 'm.mentions': { user_ids: [alice.userId] } });
    const unread = (sync: Awaited<ReturnType<typeof alice.sync>>) =>
      sync.rooms?.join?.[roomId]?.unread_notifications;
    const sync = await alice.syncUntil('the messages', hasEvent(roomId, last));
    expect(unread(sync)).toEqual({ notification_count: 2, highlight_count: 1 });
    await alice.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read/${last}`, {});
    await alice.syncUntil('the end of the counts', (answer) => unread(answer)?.notification_count === 0, {
      since: sync.next_batch,
    });
  });

  test('A private receipt ends them too, and nobody sees it', async () => {
    const [alice, bob] = await newUsers('alice', 'bob');
    const roomId = await alice.createPublicRoom();
    await bob.join(roomId);
    const last = await bob.message(roomId, 'hello');
    const since = await bob.now();
    await alice.ok('POST', p`/v3/rooms/${roomId}/receipt/m.read.private/${last}`, {});
    const counted = await alice.syncUntil('the message', hasEvent(roomId, last));
    expect(counted.rooms?.join?.[roomId]?.unread_notifications?.notification_count).toBe(0);
    const sentinel = await bob.message(roomId, 'later');
    const syncs = await bob.syncAllUntil('the own message', hasEvent(roomId, sentinel), { since });
    const receipts = syncs.flatMap((sync) => sync.rooms?.join?.[roomId]?.ephemeral?.events ?? []);
    expect(JSON.stringify(receipts)).not.toContain('m.read.private');
  });
});

testAnswersOf('profile_and_people');
