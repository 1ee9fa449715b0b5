import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeAdministrator } from '../../attacks/lib/administrator.ts';
import { Browser } from '../../harness/browser.ts';
import {
  Attempt,
  client,
  insecure,
  loggedIn,
  password,
  registerClient,
  roost,
  server,
  useRoost,
} from './world.ts';

/** Consoles ask for the scope of Synapse's administration, as Ketesa and Element Admin do. */

useRoost();

const adminScope = 'urn:synapse:admin:*';
const warning = 'It also wants to administer this server';

beforeAll(async () => {
  await makeAdministrator(roost.url, 'root');
});

async function signIn(
  username: string,
  scope: (attempt: Attempt) => string,
  consented: string | RegExp = /./,
) {
  const attempt = new Attempt();
  const browser = new Browser(roost.url);
  const login = await browser.open(await attempt.url({ scope: scope(attempt) }));
  const consent = await browser.submit(login, { username, password });
  expect(consent.text).toMatch(consented);
  const sent = await browser.submit(consent, { decision: 'allow' });
  const answer = await attempt.exchange(new URL(sent.url));
  return { tokens: await oauth.processAuthorizationCodeResponse(server, client, answer), consent };
}

async function listUsers(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${roost.url}/_synapse/admin/v2/users`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function whoami(token: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${roost.url}/_matrix/client/v3/account/whoami`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.json()) as Record<string, unknown>;
}

describe('an administrator', () => {
  test('gives a console the server, and is told so before', async () => {
    const { tokens } = await signIn(
      'root',
      ({ scope }) => `openid ${scope} ${adminScope} urn:mas:admin`,
      warning,
    );
    expect(tokens.scope?.split(' ')).toContain(adminScope);
    expect((await listUsers(tokens.access_token)).status).toBe(200);
    const answer = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      tokens.refresh_token ?? '',
      insecure,
    );
    const next = await oauth.processRefreshTokenResponse(server, client, answer);
    expect((await listUsers(next.access_token)).status).toBe(200);
  });

  test('gives a console that names no device one of its own at each login', async () => {
    const scope = `urn:matrix:org.matrix.msc2967.client:api:* urn:mas:admin ${adminScope}`;
    const [one, other] = [
      await signIn('root', () => scope, warning),
      await signIn('root', () => scope, warning),
    ];
    const devices = await Promise.all([one, other].map(({ tokens }) => whoami(tokens.access_token)));
    expect(devices[0]?.device_id).toMatch(/^CONSOLE/);
    expect(devices[0]?.device_id).not.toBe(devices[1]?.device_id);
    expect(one.consent.text).toContain(devices[0]?.device_id);
    for (const { tokens } of [one, other]) expect((await listUsers(tokens.access_token)).status).toBe(200);
  });

  test('gives a chat client no more than ever', async () => {
    const { tokens, consent } = await signIn('root', ({ scope }) => scope);
    expect(consent.text).not.toContain(warning);
    expect(tokens.scope?.split(' ')).not.toContain(adminScope);
    expect(await listUsers(tokens.access_token)).toMatchObject({
      status: 403,
      body: { errcode: 'M_FORBIDDEN', error: 'This session may not administer the server' },
    });
  });
});

test('O6: who administers nothing cannot give it, and is not asked to', async () => {
  const { tokens, consent } = await signIn('olive', ({ scope }) => `${scope} ${adminScope}`);
  expect(consent.text).not.toContain(warning);
  expect(tokens.scope?.split(' ')).not.toContain(adminScope);
  expect((await listUsers(tokens.access_token)).status).toBe(403);
  // Not even when they become an administrator later.
  const root = await signIn('root', ({ scope }) => `${scope} ${adminScope}`);
  const promote = await fetch(`${roost.url}/_synapse/admin/v1/users/@olive:localhost/admin`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${root.tokens.access_token}` },
    body: JSON.stringify({ admin: true }),
  });
  expect(promote.status).toBe(200);
  expect((await listUsers(tokens.access_token)).status).toBe(403);
});

test('who is not asked for a device has to be asked for the server', async () => {
  const attempt = new Attempt();
  const browser = new Browser(roost.url);
  const page = await browser.open(await attempt.url({ scope: 'urn:matrix:client:api:*' }));
  expect(new URL(page.url).searchParams.get('error')).toBe('invalid_scope');
});

test('a device that is let in by a code administers nothing, since nobody is warned there', async () => {
  const tv = await registerClient({
    application_type: 'native',
    client_name: 'Console',
    client_uri: 'https://example.org/',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  });
  const scope = `${new Attempt().scope} ${adminScope}`;
  const started = await oauth.processDeviceAuthorizationResponse(
    server,
    tv,
    await oauth.deviceAuthorizationRequest(server, tv, oauth.None(), { scope }, insecure),
  );
  const { browser } = await loggedIn(new Attempt(), 'root');
  await browser.submit(await browser.open(`/link?code=${started.user_code}`), { decision: 'allow' });
  const tokens = await oauth.processDeviceCodeResponse(
    server,
    tv,
    await oauth.deviceCodeGrantRequest(server, tv, oauth.None(), started.device_code, insecure),
  );
  expect(tokens.scope?.split(' ')).not.toContain(adminScope);
  expect((await listUsers(tokens.access_token)).status).toBe(403);
});
