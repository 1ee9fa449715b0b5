import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import {
  call,
  logIn,
  makeTables,
  password,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import { untilTold } from '../../../../../test/harness/news-told.ts';
import {
  type KeyPair,
  makeDeviceKeys,
  makeKeyPair,
  makeOneTimeKeys,
  signAs,
} from '../../../../../test/harness/signing-keys.ts';
import type { Env } from '../../../env.ts';
import { makeStubs } from '../../../objects/stubs.ts';

const path = '/unstable/org.matrix.msc3814.v1/dehydrated_device';
const algorithm = 'signed_curve25519';
let anna: Signed;
let bert: Signed;

beforeAll(async () => {
  await makeTables();
  anna = await registerUser('anna', { device_id: 'PHONE' });
  bert = await registerUser('bert');
});

function makeDevice(deviceId: string, pair: KeyPair = makeKeyPair(), oneTimeKeys = 2) {
  const { signatures: _, ...keys } = makeDeviceKeys(anna.userId, deviceId, pair);
  return {
    device_id: deviceId,
    device_data: { algorithm: 'org.matrix.msc3814.v2', device_pickle: `secret of ${deviceId}` },
    device_keys: signAs({ ...keys, dehydrated: true }, anna.userId, pair, deviceId),
    one_time_keys: makeOneTimeKeys(anna.userId, deviceId, pair, oneTimeKeys),
    fallback_keys: {
      [`${algorithm}:FALL`]: signAs({ key: 'f', fallback: true }, anna.userId, pair, deviceId),
    },
    initial_device_display_name: 'Dehydrated device',
  };
}

const put = (body: object) => call('PUT', path, { token: anna.accessToken, body });
const ask = (method: string, rest = '', body?: object) =>
  call(method, path + rest, { token: anna.accessToken, ...(body && { body }) });

async function queried(): Promise<Record<string, Record<string, unknown>>> {
  const body = { device_keys: { [anna.userId]: [] } };
  const answer = await call('POST', '/v3/keys/query', { token: bert.accessToken, body });
  return (
    (answer.body.device_keys as Record<string, Record<string, Record<string, unknown>>>)[anna.userId] ?? {}
  );
}

async function claimed(deviceId: string): Promise<string[]> {
  const body = { one_time_keys: { [anna.userId]: { [deviceId]: algorithm } } };
  const answer = await call('POST', '/v3/keys/claim', { token: bert.accessToken, body });
  const given = answer.body.one_time_keys as Record<string, Record<string, object>>;
  return Object.keys(given[anna.userId]?.[deviceId] ?? {});
}

let txn = 0;
const send = (deviceId: string, value: number) =>
  call('PUT', `/v3/sendToDevice/m.test/${++txn}`, {
    token: bert.accessToken,
    body: { messages: { [anna.userId]: { [deviceId]: { value } } } },
  });

const values = (body: Record<string, unknown>) =>
  (body.events as { content: { value: number } }[]).map(({ content }) => content.value);

test('there is none until one is put; its keys are those of any device, but it is in no list', async () => {
  expect(await ask('GET')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
  expect(await ask('DELETE')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } });
  const device = makeDevice('DRY1');
  expect(await put(device)).toMatchObject({ status: 200, body: { device_id: 'DRY1' } });
  expect((await ask('GET')).body).toEqual({ device_id: 'DRY1', device_data: device.device_data });
  expect(await queried()).toEqual({
    DRY1: { ...device.device_keys, unsigned: { device_display_name: 'Dehydrated device' } },
  });
  expect(await claimed('DRY1')).toEqual([`${algorithm}:AAAA000`]);
  const { body } = await call('GET', '/v3/devices', { token: anna.accessToken });
  expect(body.devices).toMatchObject([{ device_id: 'PHONE' }]);
  expect((await call('GET', '/v3/devices/DRY1', { token: anna.accessToken })).status).toBe(404);
  const remove = await call('DELETE', '/v3/devices/DRY1', { token: anna.accessToken, body: {} });
  expect(remove.status).toBe(404);
});

test('its messages are read by pages, either way, as often as wanted', async () => {
  for (let value = 0; value < 5; value += 1) await send(value === 3 ? '*' : 'DRY1', value);
  const first = (await ask('GET', '/DRY1/events?limit=3')).body;
  expect(values(first)).toEqual([0, 1, 2]);
  const second = (await ask('GET', `/DRY1/events?limit=3&from=${first.next_batch}`)).body;
  expect(values(second)).toEqual([3, 4]);
  expect((await ask('GET', `/DRY1/events?from=${second.next_batch}`)).body).toEqual({ events: [] });

  const whole = (await ask('POST', '/DRY1/events', {})).body;
  expect(values(whole)).toEqual([0, 1, 2, 3, 4]);
  const end = (await ask('POST', '/DRY1/events', { next_batch: whole.next_batch })).body;
  expect(end).toEqual({ events: [], next_batch: whole.next_batch });

  expect((await ask('GET', '/PHONE/events')).body.errcode).toBe('M_FORBIDDEN');
  expect((await ask('GET', '/DRY1/events?from=x')).body.errcode).toBe('M_INVALID_PARAM');
  const foreign = await call('GET', `${path}/DRY1/events`, { token: bert.accessToken });
  expect(foreign.body.errcode).toBe('M_FORBIDDEN');
});

test('it outlives all sessions', async () => {
  await call('POST', '/v3/logout/all', { token: anna.accessToken });
  anna = await logIn('anna', { device_id: 'LAPTOP' });
  expect((await ask('GET')).body.device_id).toBe('DRY1');
  expect(values((await ask('GET', '/DRY1/events')).body)).toHaveLength(5);
});

test('a new one takes the place of the former with all its keys and messages, or changes nothing', async () => {
  const taken = await put(makeDevice('LAPTOP'));
  expect(taken).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } });
  const misnamed = { ...makeDevice('DRY2'), device_id: 'DRY3' };
  expect((await put(misnamed)).body.errcode).toBe('M_INVALID_PARAM');
  const hoarding = makeDevice('DRY2', makeKeyPair(), 0);
  const manyKeys = Object.fromEntries(
    Array.from({ length: 1001 }, (_, index) => [`${algorithm}:${index}`, String(index)]),
  );
  expect((await put({ ...hoarding, one_time_keys: manyKeys })).body.errcode).toBe('M_INVALID_PARAM');
  expect(Object.keys(await queried())).toEqual(['DRY1']);
  expect((await ask('GET')).body.device_id).toBe('DRY1');
  expect((await ask('GET', '/DRY3/events')).body.errcode).toBe('M_FORBIDDEN');

  expect((await put(makeDevice('DRY2'))).status).toBe(200);
  expect(Object.keys(await queried())).toEqual(['DRY2']);
  expect(await claimed('DRY1')).toEqual([]);
  await untilTold(anna.userId);
  expect((await ask('GET', '/DRY1/events')).body.errcode).toBe('M_FORBIDDEN');
  expect((await ask('GET', '/DRY2/events')).body).toEqual({ events: [] });

  // The same id with another identity is another device.
  await send('DRY2', 7);
  const again = makeDevice('DRY2');
  expect((await put(again)).status).toBe(200);
  expect((await queried()).DRY2).toMatchObject({ keys: again.device_keys.keys });
  await untilTold(anna.userId);
  await send('DRY2', 8);
  expect(values((await ask('GET', '/DRY2/events')).body)).toContain(8);
});

test('deleted, it is gone; so it is with the account', async () => {
  expect((await ask('DELETE')).body).toEqual({ device_id: 'DRY2' });
  expect((await ask('GET')).status).toBe(404);
  expect(await queried()).toEqual({});
  await untilTold(anna.userId);
  expect((await ask('GET', '/DRY2/events')).body.errcode).toBe('M_FORBIDDEN');

  await put(makeDevice('DRY4'));
  const keys = makeStubs(env as unknown as Env).userKeys(anna.userId as UserId);
  expect(await keys.dehydratedDevice()).toMatchObject({ deviceId: 'DRY4' });
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'anna' },
    password,
  };
  const end = (body: object) => call('POST', '/v3/account/deactivate', { token: anna.accessToken, body });
  const { session } = (await end({})).body;
  expect((await end({ auth: { ...auth, session } })).status).toBe(200);
  expect(await keys.dehydratedDevice()).toBeUndefined();
  expect(await keys.query([], anna.userId as UserId)).toEqual({ deviceKeys: {} });
});
