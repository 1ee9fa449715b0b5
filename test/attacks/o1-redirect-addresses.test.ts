import { beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../harness/browser.ts';
import { OauthApp, webApp } from '../harness/oauth-app.ts';
import { goThrough } from '../harness/oauth-browser.ts';
import { Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** O1, R16: an answer goes to an address that the client has registered, letter by letter, or to nobody. */
const { url } = target;
const olive = { username: 'o1-olive', password: 'a long password' };
/** Logged in, so that nothing but the address keeps the code back. */
const browser = new Browser(url);
let web: OauthApp;
let native: OauthApp;

beforeAll(async () => {
  await Person.register(url, olive.username);
  web = await OauthApp.register(url, { ...webApp, client_name: 'O1' });
  native = await OauthApp.register(url, {
    ...webApp,
    application_type: 'native',
    client_name: 'O1 native',
    redirect_uris: ['org.example.app:/callback', 'http://127.0.0.1/done', 'http://[::1]/done'],
  });
  await goThrough(browser, `${url}/account`, olive);
});

async function expectNobody(app: OauthApp, redirectUri: string): Promise<void> {
  for (const changes of [
    {},
    { prompt: 'none' },
    { code_challenge: undefined },
    { response_mode: 'fragment' },
  ]) {
    const page = await browser.open(await app.signIn(redirectUri).url(changes));
    expect({ redirectUri, status: page.status, forms: page.forms }).toEqual({
      redirectUri,
      status: 400,
      forms: [],
    });
    if (redirectUri !== '') expect(page.text).not.toContain(`href="${redirectUri}`);
  }
}

test('O1, R16: those that are nearly right lead nowhere', async () => {
  for (const redirectUri of [
    'https://app.example.org/callback',
    'https://app.example.org/callback?kept=1&more=1',
    'https://app.example.org/callback?kept=1#fragment',
    'https://app.example.org/callback/../evil?kept=1',
    'https://app.example.org/callback?kept=1/extra',
    'https://app.example.org:443/',
    'https://app.example.org:8443/',
    'https://app.example.org.evil.example/',
    'https://app.example.org@evil.example/',
    'https://user@app.example.org/',
    'https://app.example.org\\@evil.example/',
    'https://app.example.org%2f@evil.example/',
    'https://APP.example.org/',
    'HTTPS://app.example.org/',
    'http://app.example.org/',
    'https://evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '//app.example.org/',
    '',
  ]) {
    await expectNobody(web, redirectUri);
  }
});

test('O1: a scheme of an app is compared as it is, and has no host', async () => {
  for (const redirectUri of [
    'org.example.app://callback',
    'org.example.app:/callback/x',
    'org.example.app:/callback#x',
    'ORG.example.app:/callback',
    'org.example.app.evil:/callback',
    'org.example.app:callback',
  ]) {
    await expectNobody(native, redirectUri);
  }
});

test('O1: the port of a loopback address is free, of no other and nothing else of it', async () => {
  const page = await browser.open(await native.signIn('http://127.0.0.1:49152/done').url());
  expect(page.status).toBe(200);
  expect((await browser.open(await native.signIn('http://[::1]:49152/done').url())).status).toBe(200);
  for (const redirectUri of [
    'http://localhost:49152/done',
    'http://127.0.0.2:49152/done',
    'http://127.1:49152/done',
    'http://127.0.0.1:49152/done/x',
    'http://127.0.0.1:49152/done?x',
    'http://127.0.0.1:49152@evil.example/done',
    'http://127.0.0.1:099999999/done',
  ]) {
    await expectNobody(native, redirectUri);
  }
});

describe('O1: the consent', () => {
  test('is for the address that was asked for, which is checked again', async () => {
    const page = await browser.open(await web.signIn().url());
    const index = page.forms.findIndex(({ fields }) => 'request' in fields);
    const request = page.forms[index]?.fields.request ?? '';
    for (const forged of [
      request.replace('app.example.org', 'evil.example'),
      `${request}&redirect_uri=https%3A%2F%2Fevil.example%2F`,
      request.replace(/redirect_uri=[^&]+&/, ''),
    ]) {
      expect(forged).not.toBe(request);
      const sent = await browser.submit(page, { decision: 'allow', request: forged }, index);
      expect(sent.status).toBe(400);
    }
  });

  test('lets its form lead to that address alone', async () => {
    const page = await browser.open(await web.signIn().url());
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://app.example.org;",
    );
  });
});
