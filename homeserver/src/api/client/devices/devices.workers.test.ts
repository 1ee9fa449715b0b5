import { beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  logIn,
  makeTables,
  password,
  registerUser,
  type Signed,
} from '../../../../../test/harness/homeserver-worker.ts';
import { makeDeviceKeys, makeKeyPair, makeOneTimeKeys } from '../../../../../test/harness/signing-keys.ts';

beforeAll(makeTables);

const proof = (user: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
});
const list = async ({ accessToken }: Signed) =>
  ((await call('GET', '/v3/devices', { token: accessToken })).body.devices as { device_id: string }[])
    .map(({ device_id }) => device_id)
    .sort();

test('devices are listed, named and told one by one', async () => {
  const anna = await registerUser('anna', { device_id: 'PHONE', initial_device_display_name: 'My phone' });
  await logIn('anna', { device_id: 'LAPTOP' });
  const token = anna.accessToken;
  expect(await list(anna)).toEqual(['LAPTOP', 'PHONE']);
  expect((await call('GET', '/v3/devices/PHONE', { token })).body).toMatchObject({
    device_id: 'PHONE',
    display_name: 'My phone',
  });
  const rename = (id: string, body: object) => call('PUT', `/v3/devices/${id}`, { token, body });
  expect(await rename('PHONE', { display_name: 'Old phone' })).toMatchObject({ status: 200, body: {} });
  expect((await call('GET', '/v3/devices/PHONE', { token })).body.display_name).toBe('Old phone');
  expect((await rename('PHONE', {})).status).toBe(200);
  expect((await rename('NONE', { display_name: 'x' })).body.errcode).toBe('M_NOT_FOUND');
  expect((await rename('PHONE', { display_name: 'x'.repeat(300) })).body.errcode).toBe('M_BAD_JSON');
  expect(await call('GET', '/v3/devices/NONE', { token })).toMatchObject({
    status: 404,
    body: { errcode: 'M_NOT_FOUND' },
  });
});

describe('deleting a device', () => {
  test('needs the password, ends its session and takes its keys', async () => {
    const anna = await logIn('anna', { device_id: 'OWN' });
    const doomed = await logIn('anna', { device_id: 'DOOMED' });
    const pair = makeKeyPair();
    await call('POST', '/v3/keys/upload', {
      token: doomed.accessToken,
      body: {
        device_keys: makeDeviceKeys(doomed.userId, 'DOOMED', pair),
        one_time_keys: makeOneTimeKeys(doomed.userId, 'DOOMED', pair, 1),
      },
    });
    const token = anna.accessToken;
    const remove = (body: object) => call('DELETE', '/v3/devices/DOOMED', { token, body });
    const { session } = (await remove({})).body;
    expect((await remove({ auth: { ...proof('anna'), password: 'wrong', session } })).status).toBe(401);

    // The session of one deletion does not serve another.
    const other = await call('DELETE', '/v3/devices/LAPTOP', {
      token,
      body: { auth: { ...proof('anna'), session } },
    });
    expect(other.status).toBe(401);

    expect((await remove({ auth: { ...proof('anna'), session } })).body).toEqual({});
    expect((await call('GET', '/v3/account/whoami', { token: doomed.accessToken })).status).toBe(401);
    const { device_keys: known } = (
      await call('POST', '/v3/keys/query', { token, body: { device_keys: { [anna.userId]: [] } } })
    ).body as { device_keys: Record<string, object> };
    expect(known[anna.userId]).toEqual({});
    const wanted = { one_time_keys: { [anna.userId]: { DOOMED: 'signed_curve25519' } } };
    expect((await call('POST', '/v3/keys/claim', { token, body: wanted })).body.one_time_keys).toEqual({});
    expect((await remove({ auth: proof('anna') })).status).toBe(404);
  });

  test('several at once; a session is bound to their list', async () => {
    const anna = await logIn('anna', { device_id: 'OWN' });
    for (const device of ['D1', 'D2', 'D3']) await logIn('anna', { device_id: device });
    const remove = (body: object) => call('POST', '/v3/delete_devices', { token: anna.accessToken, body });
    const { session } = (await remove({ devices: ['D1', 'D2'] })).body;
    expect((await remove({ devices: ['D3'], auth: { ...proof('anna'), session } })).status).toBe(401);
    expect((await remove({ devices: ['D1', 'D2'], auth: { ...proof('anna'), session } })).status).toBe(200);
    const left = await list(anna);
    expect(left).toContain('D3');
    expect(left).not.toContain('D1');
    expect((await remove({ devices: 'D1' })).body.errcode).toBe('M_BAD_JSON');
  });
});

test('application services make and delete devices without authentication stages', async () => {
  const token = 'test-as-token';
  const body = { display_name: 'bridge' };
  expect((await call('PUT', '/v3/devices/BRIDGE', { token, body })).status).toBe(201);
  expect((await call('PUT', '/v3/devices/BRIDGE', { token, body })).status).toBe(200);
  const listed = await call('GET', '/v3/devices', { token });
  expect(listed.body.devices).toMatchObject([{ device_id: 'BRIDGE', display_name: 'bridge' }]);
  expect((await call('DELETE', '/v3/devices/BRIDGE', { token, body: {} })).status).toBe(200);
});
