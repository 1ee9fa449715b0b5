import { describe, expect } from 'vitest';
import { test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { logIn, newUser } from './lib/register.ts';

describe('TestLogout', () => {
  test('Can logout current device', async () => {
    const user = await newUser();
    const device = await logIn(user);
    await device.ok('POST', '/v3/logout', {});
    expect(await device.refusal('GET', '/v3/account/whoami')).toEqual([401, 'M_UNKNOWN_TOKEN']);
    const { devices } = await user.ok<{ devices: { device_id: string }[] }>('GET', '/v3/devices');
    expect(devices.map(({ device_id: id }) => id)).toEqual([user.deviceId]);
  });

  test('Can logout all devices', async () => {
    const user = await newUser();
    const device = await logIn(user);
    await user.ok('POST', '/v3/logout/all', {});
    for (const session of [user, device]) {
      expect(await session.refusal('GET', '/v3/account/whoami')).toEqual([401, 'M_UNKNOWN_TOKEN']);
    }
  });

  test('Request to logout with invalid an access token is rejected', async () => {
    const { status, body } = await call('POST', '/v3/logout', { token: 'not-a-token', body: {} });
    expect([status, body.errcode]).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });

  test('Request to logout without an access token is rejected', async () => {
    const { status, body } = await call('POST', '/v3/logout', { body: {} });
    expect([status, body.errcode]).toEqual([401, 'M_MISSING_TOKEN']);
  });
});

testAnswersOf('apidoc_logout');
