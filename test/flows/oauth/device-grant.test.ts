import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../../harness/browser.ts';
import { register } from '../../harness/matrix-client.ts';
import {
  Attempt,
  ask,
  client,
  clientMetadata,
  expectError,
  insecure,
  password,
  registerClient,
  roost,
  server,
  useRoost,
} from './world.ts';

useRoost();

describe('a device without a browser', () => {
  let tv: oauth.Client;
  beforeAll(async () => {
    tv = await registerClient({
      ...clientMetadata,
      client_name: 'Example TV',
      grant_types: [...clientMetadata.grant_types, 'urn:ietf:params:oauth:grant-type:device_code'],
    });
  });

  async function start() {
    const { scope, deviceId } = new Attempt();
    const parameters = new URLSearchParams({ scope });
    const answer = await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), parameters, insecure);
    return { deviceId, codes: await oauth.processDeviceAuthorizationResponse(server, tv, answer) };
  }
  const poll = (deviceCode: string, of: oauth.Client = tv) =>
    oauth.deviceCodeGrantRequest(server, of, oauth.None(), deviceCode, insecure);
  async function openLink(url: string) {
    const browser = new Browser(roost.url);
    return { browser, page: await browser.submit(await browser.open(url), { username: 'olive', password }) };
  }

  test('is let in by the code that it shows, once', async () => {
    const { deviceId, codes } = await start();
    expect(codes).toMatchObject({ verification_uri: `${roost.url}/link`, expires_in: 600, interval: 5 });
    expect(codes.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    await expectError(await poll(codes.device_code), 'authorization_pending');
    await expectError(await poll(codes.device_code), 'slow_down');
    await expectError(await poll(codes.device_code, client), 'invalid_grant');
    await expectError(await poll('made-up'), 'invalid_grant');

    const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
    for (const text of ['Example TV', 'example.org', '@olive:localhost', codes.user_code, deviceId]) {
      expect(page.text).toContain(text);
    }
    expect((await browser.submit(page, { decision: 'allow', form_token: 'x' })).status).toBe(403);
    expect((await browser.submit(page, { decision: 'allow' })).text).toContain('The device is linked');
    expect((await browser.submit(page, { decision: 'allow' })).status).toBe(404);

    const answers = await Promise.all(Array.from({ length: 6 }, () => poll(codes.device_code)));
    const granted = answers.filter(({ status }) => status === 200);
    expect(granted).toHaveLength(1);
    const tokens = await oauth.processDeviceCodeResponse(server, tv, granted[0] as Response);
    const whoami = await ask('v3/account/whoami', tokens.access_token);
    expect(whoami.body).toMatchObject({ user_id: '@olive:localhost', device_id: deviceId });
    const next = await oauth.refreshTokenGrantRequest(
      server,
      tv,
      oauth.None(),
      tokens.refresh_token ?? '',
      insecure,
    );
    expect(next.status).toBe(200);
    await expectError(await poll(codes.device_code), 'invalid_grant');
  });

  test('C10: that was let in, but has not fetched its tokens, is not after a new password', async () => {
    await register(roost.url, 'device-password', password);
    const { codes } = await start();
    const browser = new Browser(roost.url);
    const login = await browser.open(codes.verification_uri_complete ?? '');
    const page = await browser.submit(login, { username: 'device-password', password });
    expect((await browser.submit(page, { decision: 'allow' })).text).toContain('The device is linked');
    const form = await browser.open('/account/password');
    const next = 'another password';
    expect((await browser.submit(form, { password: next, repeated: next })).url).toContain('/account');
    await expectError(await poll(codes.device_code), 'invalid_grant');
  });

  test('is let in by a code that is typed as people type', async () => {
    const { codes } = await start();
    const { browser, page } = await openLink(codes.verification_uri);
    const wrong = await browser.open('/link?code=BBBB-BBBB');
    expect(wrong.text).toContain('role="alert"');
    const typed = codes.user_code.toLowerCase().replace('-', ' ');
    expect(page.forms[0]).toMatchObject({ action: '/link', method: 'get' });
    const found = await browser.open(`/link?${new URLSearchParams({ code: typed })}`);
    await browser.submit(found, { decision: 'allow' });
    expect((await poll(codes.device_code)).status).toBe(200);
  });

  test('is told that it is not let in', async () => {
    const { codes } = await start();
    const { browser, page } = await openLink(codes.verification_uri_complete ?? '');
    await browser.submit(page, { decision: 'deny' });
    await expectError(await poll(codes.device_code), 'access_denied');
  });

  test('is one of a client that registered for it, and names itself', async () => {
    const parameters = new URLSearchParams({ scope: new Attempt().scope });
    const other = await oauth.deviceAuthorizationRequest(server, client, oauth.None(), parameters, insecure);
    await expectError(other, 'unauthorized_client');
    const none = new URLSearchParams({ scope: 'openid' });
    await expectError(
      await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), none, insecure),
      'invalid_scope',
    );
    const unknown = { client_id: 'unknown' };
    const refused = await oauth.deviceAuthorizationRequest(
      server,
      unknown,
      oauth.None(),
      parameters,
      insecure,
    );
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: 'invalid_client' });
  });
});
