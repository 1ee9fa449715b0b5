import { expect } from 'vitest';
import { type Account, OauthApp, webApp } from '../../../harness/oauth-app.ts';
import { shared, skip } from '../../lib/conformance-test.ts';
import { call } from '../../lib/http.ts';
import { newUser } from '../../lib/register.ts';
import { target } from '../../lib/target.ts';
import type { User } from '../../lib/user.ts';

export interface Provider {
  app: OauthApp;
  user: User;
  account: Account;
}

/** The server's own authorization server, with an app and a user. Ends the test as skipped where it has none. */
export const provider = shared<Provider>(async () => {
  const { status } = await call('GET', '/v1/auth_metadata');
  if (status === 404) skip('the server is no OAuth 2.0 provider');
  const page = await fetch(`${target.url}/oauth2/login`);
  if (!(await page.text()).includes('form_token'))
    skip('its pages are not Roost’s, and cannot be gone through');
  const user = await newUser('oauth');
  const account = { username: user.userId.slice(1).split(':', 1)[0] ?? '', password: user.password };
  return { app: await OauthApp.register(target.url), user, account };
});

/** Another app, which may differ from the first. */
export async function anotherApp(changes: object = { client_name: 'Another app' }): Promise<OauthApp> {
  await provider();
  return OauthApp.register(target.url, { ...webApp, ...changes });
}

/** The error of RFC 6749, 5.2, with its status. */
export async function expectError(answer: Response, error: string | string[], status = 400): Promise<void> {
  const text = await answer.text();
  expect({ status: answer.status, text }).toMatchObject({ status });
  const body = JSON.parse(text) as { error: string };
  expect([error].flat()).toContain(body.error);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** Where a browser that is logged in by nobody is sent at once. */
export async function refusalOf(url: string): Promise<URLSearchParams> {
  const answer = await fetch(url, { redirect: 'manual' });
  const location = new URL(answer.headers.get('location') ?? `nowhere:${answer.status}`, url);
  expect(location.host).toBe('app.example.org');
  return location.hash === '' ? location.searchParams : new URLSearchParams(location.hash.slice(1));
}

/** What a page is shown with when nobody is to be sent anywhere. */
export async function expectPage(url: string, status = 400): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual' });
  expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
    status,
    location: null,
  });
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
}
