import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, type Credentials, newTxnId, register } from '../harness/matrix-client.ts';
import { PushGateway } from '../harness/push-gateway.ts';
import { Roost } from '../harness/roost.ts';
import { waitFor } from '../harness/wait-for.ts';

/** Notifications from the message to the gateway, over HTTP, also when either of the two was away. */
let gateway: PushGateway;
let roost: Roost;
let ann: Credentials;
let bob: Credentials;
let roomId: string;

beforeAll(async () => {
  gateway = await PushGateway.start();
  roost = await Roost.start({ env: { PUSH_GATEWAY_HOSTS: '["127.0.0.1"]' } });
  ann = await register(roost.url, 'ann');
  bob = await register(roost.url, 'bob');
  const created = await api<{ room_id: string }>(roost.url, bob.accessToken, 'POST', 'v3/createRoom', {
    name: 'Alarm',
    preset: 'public_chat',
  });
  roomId = created.room_id;
  await api(roost.url, ann.accessToken, 'POST', `v3/join/${encodeURIComponent(roomId)}`, {});
  for (const [pushkey, format] of [
    ['full', undefined],
    ['ids', 'event_id_only'],
  ] as const) {
    await api(roost.url, ann.accessToken, 'POST', 'v3/pushers/set', {
      app_id: 'test.app',
      pushkey,
      kind: 'http',
      app_display_name: 'Test',
      device_display_name: 'Phone',
      lang: 'en',
      data: { url: gateway.url, ...(format && { format }), default_payload: { aps: {} } },
    });
  }
}, 120_000);

afterAll(async () => {
  expect(gateway?.problems).toEqual([]);
  await roost?.stopAndRemove();
  await gateway?.stop();
});

async function say(body: string): Promise<string> {
  const path = `v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${newTxnId()}`;
  const content = { msgtype: 'm.text', body };
  return (await api<{ event_id: string }>(roost.url, bob.accessToken, 'PUT', path, content)).event_id;
}

const pushesOf = (eventId: string, pushkey: string) =>
  gateway.received.filter(
    (push) => push.event_id === eventId && push.devices.some((device) => device.pushkey === pushkey),
  );

async function pushed(eventId: string): Promise<void> {
  for (const key of ['full', 'ids']) {
    await waitFor(`the push to ${key}`, () => pushesOf(eventId, key).length > 0, undefined, 60_000);
  }
}

test('a message is pushed in the form that each pusher asks for', async () => {
  const eventId = await say('wake up');
  await pushed(eventId);
  expect(pushesOf(eventId, 'full')).toMatchObject([
    {
      room_id: roomId,
      type: 'm.room.message',
      sender: bob.userId,
      room_name: 'Alarm',
      content: { body: 'wake up' },
      prio: 'high',
      counts: { unread: 1 },
      devices: [{ data: { default_payload: { aps: {} } }, tweaks: { sound: 'default' } }],
    },
  ]);
  const [ids] = pushesOf(eventId, 'ids');
  expect(Object.keys(ids ?? {}).sort()).toEqual(['counts', 'devices', 'event_id', 'prio', 'room_id']);
  expect(ids?.devices[0]).not.toHaveProperty('tweaks');
});

test('what is read takes the number away', async () => {
  const eventId = await say('read me');
  await pushed(eventId);
  const path = `v3/rooms/${encodeURIComponent(roomId)}/receipt/m.read/${encodeURIComponent(eventId)}`;
  await api(roost.url, ann.accessToken, 'POST', path, {});
  const badges = () => gateway.received.filter((push) => push.event_id === undefined);
  await waitFor('a badge for both', () => badges().length === 2);
  for (const badge of badges()) {
    expect(Object.keys(badge).sort()).toEqual(['counts', 'devices']);
    expect(badge.counts).toEqual({ unread: 0 });
  }
});

test('a gateway that was down gets what it missed', async () => {
  gateway.isDown = true;
  const eventId = await say('are you there?');
  await waitFor('an attempt for each', () => gateway.refusals >= 2);
  gateway.isDown = false;
  await pushed(eventId);
});

test('kill -9 between message and push loses nothing', async () => {
  gateway.isDown = true;
  const before = gateway.refusals;
  const eventId = await say('survive');
  await waitFor('an attempt', () => gateway.refusals > before);
  await roost.kill();
  gateway.isDown = false;
  await roost.start();
  await pushed(eventId);
});

test('the owner can try the pushers, and a rejected key goes', async () => {
  gateway.rejected.add('ids');
  const path = `${roost.url}/_roost/admin/v1/users/${encodeURIComponent(ann.userId)}/test_push`;
  const headers = { authorization: `Bearer ${roost.identity().adminToken}` };
  const response = await fetch(path, { method: 'POST', headers });
  expect(await response.json()).toEqual({
    results: [
      { app_id: 'test.app', device_display_name: 'Phone', outcome: 'delivered' },
      { app_id: 'test.app', device_display_name: 'Phone', outcome: 'rejected' },
    ],
  });
  const eventId = await say('to one alone');
  const keys = async () => {
    const { pushers } = await api<{ pushers: { pushkey: string }[] }>(
      roost.url,
      ann.accessToken,
      'GET',
      'v3/pushers',
    );
    return pushers.map(({ pushkey }) => pushkey);
  };
  await waitFor('the pusher to go', async () => (await keys()).join() === 'full');
  await waitFor('the push', () => pushesOf(eventId, 'full').length > 0);
});
