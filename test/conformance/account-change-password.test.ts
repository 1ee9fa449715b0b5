import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { call } from './lib/http.ts';
import { withPassword } from './lib/interactive-auth.ts';
import { logIn, newUser } from './lib/register.ts';
import type { User } from './lib/user.ts';

const newPassword = 'another battery, another staple';

function changePassword(user: User, extra: object = {}) {
  return withPassword(user, 'POST', '/v3/account/password', { new_password: newPassword, ...extra });
}

function logInStatus(user: User, password: string): Promise<number> {
  const identifier = { type: 'm.id.user', user: user.userId };
  const body = { type: 'm.login.password', identifier, password };
  return call('POST', '/v3/login', { body }).then(({ status }) => status);
}

async function isLoggedIn(user: User): Promise<boolean> {
  return (await user.call('GET', '/v3/account/whoami')).status === 200;
}

describe('TestChangePassword', () => {
  const changed = shared(async () => {
    const user = await newUser();
    const other = await logIn(user);
    expect((await changePassword(user)).status).toBe(200);
    return { user, other };
  });

  test("After changing password, can't log in with old password", async () => {
    const { user } = await changed();
    expect(await logInStatus(user, user.password)).toBe(403);
  });

  test('After changing password, can log in with new password', async () => {
    const { user } = await changed();
    expect(await logInStatus(user, newPassword)).toBe(200);
  });

  test('After changing password, existing session still works', async () => {
    const { user } = await changed();
    expect(await isLoggedIn(user)).toBe(true);
  });

  test('After changing password, a different session no longer works by default', async () => {
    const { other } = await changed();
    expect(await other.refusal('GET', '/v3/account/whoami')).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });

  test('After changing password, different sessions can optionally be kept', async () => {
    const user = await newUser();
    const other = await logIn(user);
    expect((await changePassword(user, { logout_devices: false })).status).toBe(200);
    expect([await isLoggedIn(user), await isLoggedIn(other)]).toEqual([true, true]);
  });
});

describe('TestChangePasswordPushers', () => {
  function addPusher(user: User, pushkey: string): Promise<object> {
    return user.ok('POST', '/v3/pushers/set', {
      kind: 'http',
      app_id: 'org.example.conformance',
      app_display_name: 'Conformance',
      device_display_name: 'A device',
      pushkey,
      lang: 'en',
      data: { url: 'https://push.example.org/_matrix/push/v1/notify' },
    });
  }

  async function pushkeys(user: User): Promise<string[]> {
    const { pushers } = await user.ok<{ pushers: { pushkey: string }[] }>('GET', '/v3/pushers');
    return pushers.map(({ pushkey }) => pushkey);
  }

  test('Pushers created with a different access token are deleted on password change', async () => {
    const user = await newUser();
    const other = await logIn(user);
    await addPusher(other, 'of-the-other');
    expect(await pushkeys(user)).toEqual(['of-the-other']);
    expect((await changePassword(user)).status).toBe(200);
    expect(await pushkeys(user)).toEqual([]);
  });

  test('Pushers created with the same access token are not deleted on password change', async () => {
    const user = await newUser();
    await addPusher(user, 'of-its-own');
    expect((await changePassword(user)).status).toBe(200);
    expect(await pushkeys(user)).toEqual(['of-its-own']);
  });
});

testAnswersOf('account_change_password');
