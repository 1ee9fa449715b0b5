import * as oauth from 'oauth4webapi';
import { beforeAll, expect, test } from 'vitest';
import { OauthApp, webApp } from '../harness/oauth-app.ts';
import { Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** O2, R16: a code is worth something once, for its client, with its proof. How long it lives: `oauth-sessions.workers.test.ts`. */
const { url } = target;
const olive = { username: 'o2-olive', password: 'a long password' };
let app: OauthApp;

beforeAll(async () => {
  await Person.register(url, olive.username);
  app = await OauthApp.register(url, { ...webApp, client_name: 'O2' });
});

const errorOf = async (answer: Response) => ((await answer.json()) as { error?: string }).error;

test('O2: no code is given without a challenge by S256', async () => {
  for (const [changes, error] of [
    [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge: 'short' }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'code token' }, 'unsupported_response_type'],
    [{ request: 'eyJ' }, 'invalid_request'],
    [{ request_uri: 'https://evil.example/' }, 'invalid_request'],
  ] as const) {
    const answer = await fetch(await app.signIn().url(changes), { redirect: 'manual' });
    const sent = new URL(answer.headers.get('location') ?? '');
    expect(sent.searchParams.get('error')).toBe(error);
    expect(sent.searchParams.has('code')).toBe(false);
  }
});

test('O2: a code needs its verifier, its redirect URI and its client, and guesses do not use it up', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const other = await OauthApp.register(url, { ...webApp, client_name: 'O2, another' });
  const challenge = await oauth.calculatePKCECodeChallenge(signIn.verifier);
  for (const changes of [
    { code_verifier: oauth.generateRandomCodeVerifier() },
    { code_verifier: challenge },
    { code_verifier: undefined },
    { redirect_uri: 'https://app.example.org/' },
    { redirect_uri: undefined },
    { client_id: other.client.client_id },
    { client_id: undefined },
    { code: `${form.code?.slice(0, -1)}${form.code?.endsWith('A') ? 'B' : 'A'}` },
  ]) {
    const answer = await app.post('token', { ...form, ...changes });
    expect({ changes, status: answer.status }).toEqual({ changes, status: 400 });
    expect(['invalid_grant', 'invalid_request']).toContain(await errorOf(answer));
  }
  expect((await app.post('token', form)).status).toBe(200);
});

test('O2, R16: a code that comes twice ends its session', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const tokens = (await (await app.post('token', form)).json()) as oauth.TokenEndpointResponse;
  const next = await app.refreshed(tokens.refresh_token);
  expect((await app.whoami(next.access_token)).status).toBe(200);
  expect(await errorOf(await app.post('token', form))).toBe('invalid_grant');
  // The token that was refreshed since stands on another row, but on the same grant.
  expect((await app.whoami(tokens.access_token)).status).toBe(401);
  expect((await app.whoami(next.access_token)).status).toBe(401);
  expect(await errorOf(await app.refresh(next.refresh_token))).toBe('invalid_grant');
});

test('O2, R16: of many who use it at once one gets tokens, and they are worth nothing', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const answers = await Promise.all(Array.from({ length: 16 }, () => app.post('token', form)));
  const granted = answers.filter(({ status }) => status === 200);
  expect(granted).toHaveLength(1);
  const tokens = (await granted[0]?.json()) as oauth.TokenEndpointResponse;
  expect((await app.whoami(tokens.access_token)).status).toBe(401);
});

test('O2: a code of one login is nothing in another, also of the same user and app', async () => {
  const [victim, attacker] = [app.signIn(), app.signIn()];
  const stolen = victim.form(await victim.allow(olive));
  await attacker.allow(olive);
  const injected = { ...stolen, code_verifier: attacker.verifier };
  expect(await errorOf(await app.post('token', injected))).toBe('invalid_grant');
});

test('O2: codes, refresh tokens and cookies are no access tokens', async () => {
  const signIn = app.signIn();
  const form = signIn.form(await signIn.allow(olive));
  const tokens = (await (await app.post('token', form)).json()) as oauth.TokenEndpointResponse;
  const secrets = [form.code, tokens.refresh_token, ...signIn.browser.cookies.values()];
  expect(secrets.length).toBeGreaterThan(3);
  for (const secret of secrets) expect((await app.whoami(secret ?? '')).status).toBe(401);
  expect(await errorOf(await app.refresh(tokens.access_token))).toBe('invalid_grant');
});
