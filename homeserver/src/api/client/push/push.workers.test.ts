import { beforeAll, expect, test } from 'vitest';
import { call, makeTables, registerUser } from '../../../../../test/harness/homeserver-worker.ts';

beforeAll(makeTables);

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
type Json = Record<string, any>;

const pusher = {
  kind: 'http',
  app_id: 'io.example',
  pushkey: 'a key',
  app_display_name: 'App',
  device_display_name: 'Phone',
  lang: 'en',
  data: { url: 'https://push.example.org/_matrix/push/v1/notify', format: 'event_id_only', custom: [1] },
};

const set = (token: string, body: object) => call('POST', '/v3/pushers/set', { token, body });

/** Without what every pusher has besides (MSC3881). */
async function list(token: string): Promise<Json> {
  const { pushers } = (await call('GET', '/v3/pushers', { token })).body as Json;
  return {
    pushers: pushers.map((entry: Json) => {
      const {
        'org.matrix.msc3881.enabled': enabled,
        'org.matrix.msc3881.device_id': device,
        ...rest
      } = entry;
      expect([typeof enabled, typeof device]).toEqual(['boolean', 'string']);
      return enabled ? rest : { ...rest, enabled };
    }),
  };
}

test('a pusher is set, replaced and deleted', async () => {
  const { accessToken } = await registerUser('push-set');
  expect(await list(accessToken)).toEqual({ pushers: [] });
  expect(await set(accessToken, pusher)).toMatchObject({ status: 200, body: {} });
  expect(await list(accessToken)).toEqual({ pushers: [pusher] });
  const tagged = { ...pusher, profile_tag: 'mobile', lang: 'de' };
  await set(accessToken, tagged);
  expect(await list(accessToken)).toEqual({ pushers: [tagged] });
  const off = { ...tagged, 'org.matrix.msc3881.enabled': false };
  await set(accessToken, off);
  expect(await list(accessToken)).toEqual({ pushers: [{ ...tagged, enabled: false }] });
  const gone = { app_id: pusher.app_id, pushkey: pusher.pushkey, kind: null };
  expect(await set(accessToken, gone)).toMatchObject({ status: 200 });
  expect(await list(accessToken)).toEqual({ pushers: [] });
});

test('what is missing or wrong is refused', async () => {
  const { accessToken } = await registerUser('push-wrong');
  const refusal = async (change: object) => {
    const { status, body } = await set(accessToken, { ...pusher, ...change });
    return [status, body.errcode];
  };
  for (const key of ['kind', 'app_id', 'pushkey', 'lang', 'data', 'app_display_name']) {
    expect([key, ...(await refusal({ [key]: undefined }))]).toEqual([key, 400, 'M_MISSING_PARAM']);
  }
  expect(await refusal({ data: {} })).toEqual([400, 'M_MISSING_PARAM']);
  expect(await refusal({ kind: 'email' })).toEqual([400, 'M_INVALID_PARAM']);
  for (const url of [
    'http://push.example.org/_matrix/push/v1/notify',
    'https://push.example.org/elsewhere',
    'https://push.example.org/_matrix/push/v1/notify/..',
    'https://127.0.0.1/_matrix/push/v1/notify',
    'https://0x7f.1/_matrix/push/v1/notify',
    'https://[::ffff:10.0.0.1]/_matrix/push/v1/notify',
    'https://localhost/_matrix/push/v1/notify',
    'https://metadata.internal/_matrix/push/v1/notify',
    'https://me:secret@push.example.org/_matrix/push/v1/notify',
    'file:///_matrix/push/v1/notify',
    'not a url',
    7,
  ]) {
    expect([url, ...(await refusal({ data: { url } }))]).toEqual([url, 400, 'M_INVALID_PARAM']);
  }
  expect((await refusal({ pushkey: 'ä'.repeat(257) }))[0]).toBe(400);
  expect(await list(accessToken)).toEqual({ pushers: [] });
});

test('a key belongs to the last user that set it, unless it is appended', async () => {
  const one = await registerUser('push-one');
  const two = await registerUser('push-two');
  const three = await registerUser('push-three');
  const shared = { ...pusher, pushkey: 'of a shared phone' };
  await set(one.accessToken, shared);
  await set(two.accessToken, { ...shared, append: true });
  expect(await list(one.accessToken)).toEqual({ pushers: [shared] });
  await set(three.accessToken, shared);
  expect(await list(one.accessToken)).toEqual({ pushers: [] });
  expect(await list(two.accessToken)).toEqual({ pushers: [] });
  expect(await list(three.accessToken)).toEqual({ pushers: [shared] });
});

test('/notifications: the newest first, in pages, highlights alone', async () => {
  const ann = await registerUser('notified');
  const bob = await registerUser('notifier');
  const rooms: string[] = [];
  for (const name of ['one', 'two']) {
    const room = { preset: 'public_chat', name };
    const created = await call('POST', '/v3/createRoom', { token: bob.accessToken, body: room });
    const body = created.body as Json;
    rooms.push(body.room_id);
    await call('POST', `/v3/join/${encodeURIComponent(body.room_id)}`, { token: ann.accessToken, body: {} });
  }
  const say = (index: number) => {
    const path = `/v3/rooms/${encodeURIComponent(rooms[index % 2] ?? '')}/send/m.room.message/t${index}`;
    const mention = index === 1 ? { 'm.mentions': { user_ids: [ann.userId] } } : {};
    const body = { msgtype: 'm.text', body: `${index}`, ...mention };
    return call('PUT', path, { token: bob.accessToken, body });
  };
  const page = async (query: string): Promise<Json> =>
    (await call('GET', `/v3/notifications?${query}`, { token: ann.accessToken })).body;
  const shown = async (query: string) =>
    (await page(query)).notifications.map((entry: Json) => entry.event.content.body);
  for (let index = 0; index < 6; index += 1) {
    const { body } = await say(index);
    // Rooms tell their members by themselves, so that the order of two rooms is known only once told.
    await expect
      .poll(async () => (await page('limit=1')).notifications[0]?.event.event_id)
      .toBe(body.event_id);
  }
  const first = await page('limit=4');
  expect(first.notifications[0]).toMatchObject({
    room_id: rooms[1],
    read: false,
    actions: expect.arrayContaining(['notify']),
    event: { sender: bob.userId, type: 'm.room.message' },
    ts: expect.any(Number),
  });
  expect(await shown('limit=4')).toEqual(['5', '4', '3', '2']);
  expect(await shown(`from=${first.next_token}`)).toEqual(['1', '0']);
  expect(await page(`from=${first.next_token}`)).not.toHaveProperty('next_token');
  expect(await shown('only=highlight')).toEqual(['1']);
  const bad = await call('GET', '/v3/notifications?from=x', { token: ann.accessToken });
  expect(bad.status).toBe(400);
});
