import { createHash } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import {
  Attempt,
  ask,
  client,
  decide,
  expectError,
  loggedIn,
  password,
  refresh,
  roost,
  server,
  useRoost,
} from './world.ts';

useRoost();

describe('the pages', () => {
  test('name the app, where it leads to, and the account', async () => {
    const attempt = new Attempt();
    const { page } = await loggedIn(attempt);
    for (const text of [
      'Example &lt;App&gt;',
      'example.org',
      'app.example.org',
      '@olive:localhost',
      attempt.deviceId,
    ]) {
      expect(page.text).toContain(text);
    }
  });

  test('C9: are locked down', async () => {
    const browser = new Browser(roost.url);
    const login = await browser.open(await new Attempt().url({ login_hint: '"><script>' }));
    const registration = await browser.open('/oauth2/register');
    const consent = await browser.submit(login, { username: 'olive', password });
    const refusal = await browser.open('/oauth2/authorize?client_id=%3Cscript%3E');
    for (const page of [login, registration, consent, refusal]) {
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      const scripts = [...page.text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script ?? '');
      expect(page.text.match(/<script/g) ?? []).toHaveLength(scripts.length);
      for (const script of scripts) {
        expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
      }
      expect(page.text).toContain('<html lang="en">');
    }
  });

  test('ask an account that is logged in only for consent, and nobody whom they may not ask', async () => {
    const { browser } = await loggedIn(new Attempt());
    expect((await browser.open(await new Attempt().url({ prompt: 'consent' }))).text).toContain(
      '@olive:localhost',
    );
    const again = await browser.open(await new Attempt().url({ prompt: 'login' }));
    expect(again.url).toContain('/oauth2/login');
    const silent = await browser.open(await new Attempt().url({ prompt: 'none' }));
    expect(new URL(silent.url).searchParams.get('error')).toBe('consent_required');
    const unknown = await browser.open(await new Attempt().url({ prompt: 'something' }));
    expect(unknown.text).toContain('@olive:localhost');
  });

  test('take a new person through registration to the app', async () => {
    const browser = new Browser(roost.url);
    const attempt = new Attempt();
    const form = await browser.open(await attempt.url({ prompt: 'create' }));
    expect(form.url).toContain('/oauth2/register');
    const person = { username: 'newcomer', password, repeated: password };
    const taken = await browser.submit(form, { ...person, username: 'olive' });
    expect(taken.text).toContain('role="alert"');
    const consent = await browser.submit(taken, person);
    expect(consent.text).toContain('@newcomer:localhost');
    const sent = new URL(await decide(browser, consent, 'allow'));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, await attempt.exchange(sent));
    expect((await ask('v3/account/whoami', tokens.access_token)).body).toMatchObject({
      user_id: '@newcomer:localhost',
    });
  });

  test('tell the client that the user does not want it', async () => {
    const attempt = new Attempt();
    const { browser, page } = await loggedIn(attempt);
    const sent = new URL(await decide(browser, page, 'deny'));
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      error: 'access_denied',
      state: attempt.state,
      iss: server.issuer,
      kept: '1',
    });
  });

  test('let nobody in with a wrong password, and say so in the form', async () => {
    const browser = new Browser(roost.url);
    const login = await browser.open(await new Attempt().url({ login_hint: 'mxid:@olive:localhost' }));
    expect(login.forms[0]?.fields.username).toBe('@olive:localhost');
    const wrong = await browser.submit(login, { password: 'wrong' });
    expect(wrong.status).toBe(403);
    expect(wrong.text).toContain('role="alert"');
    expect(wrong.forms[0]?.fields.username).toBe('@olive:localhost');
    expect((await browser.submit(wrong, { password })).text).toContain('Let Example');
  });
});

describe('the account page', () => {
  async function account(username: string, path = '/account') {
    const browser = new Browser(roost.url);
    const login = await browser.open(path);
    return { browser, page: await browser.submit(login, { username, password }) };
  }
  const setUp = async (username: string) => {
    await register(roost.url, username, password);
    const attempt = new Attempt();
    const { browser, page } = await loggedIn(attempt, username);
    const sent = new URL(await decide(browser, page, 'allow'));
    const answer = await attempt.exchange(sent);
    return { attempt, tokens: await oauth.processAuthorizationCodeResponse(server, client, answer) };
  };

  test('is found by the metadata, for the actions that clients know', async () => {
    expect(server.account_management_uri).toBe(`${roost.url}/account`);
    for (const action of ['profile', 'devices_list', 'device_delete', 'session_end', 'cross_signing_reset']) {
      expect(server.account_management_actions_supported).toContain(`org.matrix.${action}`);
    }
  });

  test('signs a device out', async () => {
    const { attempt, tokens } = await setUp('account-devices');
    for (const action of ['org.matrix.device_delete', 'org.matrix.session_end', 'device_view']) {
      const path = `/account?action=${action}&device_id=${attempt.deviceId}`;
      expect((await account('account-devices', path)).page.text).toContain('Sign this device out?');
    }
    const { browser, page } = await account('account-devices', '/account?action=unknown');
    const link = page.links.find((href) => href.includes(`device_id=${attempt.deviceId}`)) ?? '';
    const after = await browser.submit(await browser.open(link), {});
    expect(after.text).not.toContain(attempt.deviceId);
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(401);
    await expectError(await refresh(tokens.refresh_token), 'invalid_grant');
  });

  test('sets the name, and logs out', async () => {
    const { tokens } = await setUp('account-name');
    const { browser, page } = await account('account-name');
    const named = await browser.submit(page, { display_name: 'New <Name>' });
    expect(named.text).toContain('New &lt;Name&gt;');
    const profile = await ask('v3/profile/@account-name:localhost/displayname', tokens.access_token);
    expect(profile.body).toEqual({ displayname: 'New <Name>' });
    const cookie = browser.cookies.get('roost-login') ?? '';
    await browser.submit(named, {}, 1);
    const again = await fetch(`${roost.url}/account`, { headers: { cookie: `roost-login=${cookie}` } });
    expect(again.url).toContain('/oauth2/login');
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(200);
  });

  test('lets the keys of an identity be replaced, for a time, by who knows the password', async () => {
    const { tokens } = await setUp('account-reset');
    const upload = async (key: string) => {
      const answer = await fetch(`${roost.url}/_matrix/client/v3/keys/device_signing/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.access_token}` },
        body: JSON.stringify({
          master_key: {
            user_id: '@account-reset:localhost',
            usage: ['master'],
            keys: { [`ed25519:${key}`]: key },
          },
        }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect((await upload('A'.repeat(43))).status).toBe(200);
    const refused = await upload('E'.repeat(43));
    expect(refused.status).toBe(401);
    const url = `${roost.url}/account?action=org.matrix.cross_signing_reset`;
    expect(refused.body).toMatchObject({
      flows: [{ stages: ['m.oauth'] }, { stages: ['org.matrix.cross_signing_reset'] }],
      params: { 'm.oauth': { url }, 'org.matrix.cross_signing_reset': { url } },
    });
    const { browser, page } = await account('account-reset', url);
    const wrong = await browser.submit(page, { password: 'wrong' });
    expect(wrong.text).toContain('role="alert"');
    expect((await upload('E'.repeat(43))).status).toBe(401);
    await browser.submit(wrong, { password });
    expect((await upload('E'.repeat(43))).status).toBe(200);
    expect((await upload('I'.repeat(43))).status).toBe(401);
  });

  test('is the only place for what a client of OAuth may not do', async () => {
    const { attempt, tokens } = await setUp('account-uia');
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    for (const [method, path] of [
      ['DELETE', `v3/devices/${attempt.deviceId}`],
      ['POST', 'v3/account/deactivate'],
      ['POST', 'v3/account/password'],
    ] as const) {
      const auth = { type: 'm.login.password', user: 'account-uia', password };
      const body = JSON.stringify({ auth, new_password: 'another password' });
      const answer = await fetch(`${roost.url}/_matrix/client/${path}`, { method, headers, body });
      expect(await answer.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
      expect(answer.status).toBe(404);
    }
  });

  test('C10: deactivates, and all ends at once', async () => {
    const { tokens } = await setUp('account-end');
    const attempt = new Attempt();
    const pending = await loggedIn(attempt, 'account-end');
    const code = new URL(await decide(pending.browser, pending.page, 'allow'));
    const { browser, page } = await account('account-end', '/account?action=org.matrix.account_deactivate');
    await browser.submit(await browser.submit(page, { password: 'wrong' }), { password });
    expect((await ask('v3/account/whoami', tokens.access_token)).status).toBe(401);
    await expectError(await refresh(tokens.refresh_token), 'invalid_grant');
    await expectError(await attempt.exchange(code), 'invalid_grant');
    expect((await pending.browser.open('/account')).url).toContain('/oauth2/login');
    const again = await account('account-end');
    expect(again.page.status).toBe(403);
  });
});
