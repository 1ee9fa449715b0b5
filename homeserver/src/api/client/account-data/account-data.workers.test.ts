import { expect, test } from 'vitest';
import { FakeRoom } from '../../../objects/user-sync/testing/fake-room.ts';
import { type Json, TestClient } from '../../../objects/user-sync/testing/test-client.ts';

const json = async (response: Promise<Response>): Promise<Json> => (await response).json();
const own = (client: TestClient) => `/_matrix/client/v3/user/${encodeURIComponent(client.userId)}`;
const rules = '/_matrix/client/v3/pushrules/global';

test('account data is read as it was set, wakes a sync, and is nobody else’s', async () => {
  const alice = await TestClient.login('ad-own');
  const path = `${own(alice)}/account_data/m.test`;
  expect((await alice.call('GET', path)).status).toBe(404);
  const { next_batch: since } = await alice.sync();
  const waiting = alice.sync({ since, timeout: '60000' });
  await alice.untilWaiting();
  expect((await alice.call('PUT', path, { a: 1 })).status).toBe(200);
  expect((await waiting).account_data.events).toEqual([{ type: 'm.test', content: { a: 1 } }]);
  expect(await json(alice.call('GET', path))).toEqual({ a: 1 });
  const mallory = await TestClient.login('ad-mallory');
  expect((await mallory.call('GET', path)).status).toBe(403);
  expect((await mallory.call('PUT', path, {})).status).toBe(403);
});

test('account data of rooms, and types that have endpoints of their own', async () => {
  const alice = await TestClient.login('ad-room');
  const path = `${own(alice)}/rooms/!r:roost.test/account_data`;
  expect((await alice.call('PUT', `${path}/m.marked_unread`, { unread: true })).status).toBe(200);
  expect(await json(alice.call('GET', `${path}/m.marked_unread`))).toEqual({ unread: true });
  expect((await alice.call('PUT', `${path}/m.fully_read`, {})).status).toBe(405);
  expect((await alice.call('PUT', `${own(alice)}/account_data/m.push_rules`, {})).status).toBe(405);
  expect((await alice.call('GET', `${own(alice)}/rooms/nonsense/account_data/m.x`)).status).toBe(400);
  const huge = { text: 'x'.repeat(600_000) };
  expect((await alice.call('PUT', `${own(alice)}/account_data/m.huge`, huge)).status).toBe(413);
});

test('deleted account data is told as empty to those who knew it, and is no more', async () => {
  const alice = await TestClient.login('ad-deleted');
  const room = FakeRoom.created('ad-deleted', alice.userId, '@bob:roost.test');
  await alice.user.applyRoomDelta(room.snapshot());
  const unstable = (path: string) => path.replace('/v3/', '/unstable/org.matrix.msc3391/');
  const inRoom = `${own(alice)}/rooms/${encodeURIComponent(room.roomId)}/account_data/m.test`;
  const sliding = { lists: { all: {} }, extensions: { account_data: { enabled: true } } };
  for (const [path, isGlobal] of [
    [`${own(alice)}/account_data/m.test`, true],
    [inRoom, false],
  ] as const) {
    const remove = [() => alice.call('DELETE', unstable(path)), () => alice.call('PUT', path, {})];
    for (const removeIt of remove) {
      await alice.call('PUT', path, { a: 1 });
      const { next_batch: since } = await alice.sync();
      const { pos } = await alice.sliding(sliding);
      expect((await removeIt()).status).toBe(200);
      expect((await alice.call('GET', path)).status).toBe(404);
      const events = (answer: Json) =>
        isGlobal ? answer.account_data.events : answer.rooms.join[room.roomId].account_data.events;
      const told = await alice.sync({ since });
      expect(events(told)).toEqual([{ type: 'm.test', content: {} }]);
      expect(JSON.stringify(await alice.sync())).not.toContain('m.test');
      const { account_data } = (await alice.sliding(sliding, { pos })).extensions;
      expect(isGlobal ? account_data.global : account_data.rooms[room.roomId]).toEqual(events(told));
      expect(JSON.stringify(await alice.sliding(sliding))).not.toContain('m.test');
      // Once more changes nothing.
      expect((await removeIt()).status).toBe(200);
      expect(await alice.sync({ since: told.next_batch })).not.toHaveProperty('account_data');
    }
  }
  expect((await alice.call('DELETE', unstable(`${own(alice)}/account_data/m.push_rules`))).status).toBe(405);
});

test('notification settings of a device go with it (MSC3890)', async () => {
  const alice = await TestClient.login('ad-device');
  const { deviceId } = await alice.user.createSession({ accessToken: 'other' });
  const path = `${own(alice)}/account_data/org.matrix.msc3890.local_notification_settings.${deviceId}`;
  await alice.call('PUT', path, { is_silenced: true });
  await alice.user.deleteDevices([deviceId]);
  expect((await alice.call('GET', path)).status).toBe(404);
});

test('tags', async () => {
  const alice = await TestClient.login('ad-tags');
  const path = `${own(alice)}/rooms/!r:roost.test/tags`;
  expect(await json(alice.call('GET', path))).toEqual({ tags: {} });
  await alice.call('PUT', `${path}/m.favourite`, { order: 0.5 });
  await alice.call('PUT', `${path}/u.work`, {});
  expect((await alice.call('PUT', `${path}/u.bad`, { order: 'first' })).status).toBe(400);
  await alice.call('DELETE', `${path}/u.work`);
  expect(await json(alice.call('GET', path))).toEqual({ tags: { 'm.favourite': { order: 0.5 } } });
});

test('filters: equal ones have one id, malformed ones are refused, unknown ones are 404', async () => {
  const alice = await TestClient.login('ad-filter');
  const path = `${own(alice)}/filter`;
  const filter = { room: { timeline: { limit: 3 } } };
  const first = await json(alice.call('POST', path, filter));
  expect(await json(alice.call('POST', path, filter))).toEqual(first);
  expect(await json(alice.call('GET', `${path}/${first.filter_id}`))).toEqual(filter);
  expect((await alice.call('GET', `${path}/nonsense`)).status).toBe(404);
  expect((await alice.rawSync({ filter: 'nonsense' })).status).toBe(404);
  expect((await alice.rawSync({ filter: first.filter_id })).status).toBe(200);
  for (const bad of [{ room: { rooms: 'all' } }, { presence: 3 }, { room: { timeline: { limit: 'ten' } } }]) {
    expect((await alice.call('POST', path, bad)).status).toBe(400);
  }
});

test('push rules: added, placed, switched, changed, deleted; each change comes down the sync', async () => {
  const alice = await TestClient.login('ad-push');
  let { next_batch: since } = await alice.sync();
  const told = async () => {
    const answer = await alice.sync({ since });
    since = answer.next_batch;
    return answer.account_data.events[0].content.global;
  };
  const rule = { actions: ['notify'], pattern: 'cake' };
  expect((await alice.call('PUT', `${rules}/content/cake`, rule)).status).toBe(200);
  expect((await told()).content[0]).toMatchObject({ rule_id: 'cake', enabled: true, ...rule });
  await alice.call('PUT', `${rules}/content/pie?after=cake`, { ...rule, pattern: 'pie' });
  const byName = '.m.rule.contains_user_name';
  expect((await told()).content.map((entry: Json) => entry.rule_id)).toEqual(['cake', 'pie', byName]);
  await alice.call('PUT', `${rules}/override/.m.rule.master/enabled`, { enabled: true });
  expect((await told()).override[0]).toMatchObject({ rule_id: '.m.rule.master', enabled: true });
  await alice.call('PUT', `${rules}/content/cake/actions`, { actions: [] });
  expect(await json(alice.call('GET', `${rules}/content/cake/actions`))).toEqual({ actions: [] });
  expect(await json(alice.call('GET', `${rules}/content/cake/enabled`))).toEqual({ enabled: true });
  expect((await alice.call('DELETE', `${rules}/content/cake`)).status).toBe(200);
  expect((await alice.call('GET', `${rules}/content/cake`)).status).toBe(404);
  const all = await json(alice.call('GET', '/_matrix/client/v3/pushrules/'));
  expect(all.global.content.map((entry: Json) => entry.rule_id)).toEqual(['pie', byName]);
  expect(await json(alice.call('GET', `${rules}/`))).toEqual(all.global);
  const data = await json(alice.call('GET', `${own(alice)}/account_data/m.push_rules`));
  expect(data).toEqual(all);
});

test('push rules that are refused', async () => {
  const alice = await TestClient.login('ad-push-bad');
  const put = async (path: string, body: Json) => (await alice.call('PUT', `${rules}/${path}`, body)).status;
  expect(await put('content/.dot', { actions: [], pattern: 'x' })).toBe(400);
  expect(await put('nonsense/x', { actions: [] })).toBe(400);
  expect(await put('content/x', { actions: [] })).toBe(400);
  expect(await put('content/x', { actions: 'notify', pattern: 'x' })).toBe(400);
  const long = 'x'.repeat(256);
  expect(await put('content/x', { actions: [], pattern: long })).toBe(400);
  const condition = { kind: 'event_match', key: 'content.body', pattern: long };
  expect(await put('override/x', { actions: [], conditions: [condition] })).toBe(400);
  expect(await put('override/x', { actions: [], conditions: [{ ...condition, pattern: 'x' }] })).toBe(200);
  expect(await put('content/x?before=missing', { actions: [], pattern: 'x' })).toBe(400);
  expect(await put('content/missing/enabled', { enabled: true })).toBe(404);
});
