import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { p } from './lib/http.ts';
import { withPassword } from './lib/interactive-auth.ts';
import { logIn, newUser } from './lib/register.ts';

interface Device {
  device_id: string;
  display_name?: string | null;
}

describe('TestDeviceManagement', () => {
  const account = shared(async () => {
    const user = await newUser();
    const device = await logIn(user, { device_id: 'SECOND', initial_device_display_name: 'second device' });
    return { user, device };
  });

  test('GET /device/{deviceId}', async () => {
    const { user } = await account();
    expect(await user.ok('GET', '/v3/devices/SECOND')).toMatchObject({
      device_id: 'SECOND',
      display_name: 'second device',
    });
  });

  test('GET /device/{deviceId} gives a 404 for unknown devices', async () => {
    const { user } = await account();
    expect(await user.refusal('GET', '/v3/devices/unknown')).toEqual([404, 'M_NOT_FOUND']);
  });

  test('GET /devices', async () => {
    const { user } = await account();
    const { devices } = await user.ok<{ devices: Device[] }>('GET', '/v3/devices');
    expect(new Set(devices.map((device) => device.device_id))).toEqual(new Set([user.deviceId, 'SECOND']));
    expect(devices.find((device) => device.device_id === 'SECOND')?.display_name).toBe('second device');
  });

  test('PUT /device/{deviceId} updates device fields', async () => {
    const { user } = await account();
    await user.ok('PUT', '/v3/devices/SECOND', { display_name: 'renamed' });
    expect(await user.ok('GET', '/v3/devices/SECOND')).toMatchObject({ display_name: 'renamed' });
  });

  test('PUT /device/{deviceId} gives a 404 for unknown devices', async () => {
    const { user } = await account();
    expect(await user.refusal('PUT', '/v3/devices/unknown', { display_name: 'x' })).toEqual([
      404,
      'M_NOT_FOUND',
    ]);
  });

  test('DELETE /device/{deviceId} requires UI auth user to match device owner', async () => {
    const { user } = await account();
    const other = await newUser('other');
    const path = p`/v3/devices/${'SECOND'}`;
    const { status } = await withPassword(user, 'DELETE', path, {}, { user: other });
    expect([401, 403]).toContain(status);
    expect((await user.call('GET', path)).status).toBe(200);
    // Neither may somebody else delete it, who proves to be himself.
    await withPassword(other, 'DELETE', path, {});
    expect((await user.call('GET', path)).status).toBe(200);
  });

  test('DELETE /device/{deviceId}', async () => {
    const { user, device } = await account();
    const wrong = await withPassword(user, 'DELETE', '/v3/devices/SECOND', {}, { password: 'wrong' });
    expect(wrong.status).toBe(401);
    expect((await withPassword(user, 'DELETE', '/v3/devices/SECOND', {})).status).toBe(200);
    expect(await user.refusal('GET', '/v3/devices/SECOND')).toEqual([404, 'M_NOT_FOUND']);
    expect(await device.refusal('GET', '/v3/account/whoami')).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });
});

testAnswersOf('apidoc_device_management');
