import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../homeserver/src/api/routes.ts';
import { Browser } from '../harness/browser.ts';
import { OauthApp, webApp } from '../harness/oauth-app.ts';
import { goThrough } from '../harness/oauth-browser.ts';
import { freePort } from '../harness/roost.ts';
import { Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** O5, R16: anybody may register an app, and gets nothing by it. That unused ones are forgotten: `oauth-clients.workers.test.ts`. */
const { url } = target;
const olive = { username: 'o5-olive', password: 'a long password' };
let endpoint: string;
let calls = 0;
const listener = createServer((socket) => {
  calls += 1;
  socket.destroy();
});

beforeAll(async () => {
  await Person.register(url, olive.username);
  const app = await OauthApp.register(url, webApp);
  endpoint = String(app.server.registration_endpoint);
});
afterAll(() => listener.close());

const register = (changes: object, raw?: string) =>
  fetch(endpoint, { method: 'POST', body: raw ?? JSON.stringify({ ...webApp, ...changes }) });

test('O5: who registers has the limit of logins', () => {
  const limits = routes
    .filter(({ operationId }) => ['registerClient', 'authorizeDevice'].includes(operationId))
    .map(({ rateLimit }) => rateLimit);
  expect(limits).toEqual(['login', 'login']);
});

test('O5, R16: addresses that run something, or are of somebody else, are refused', async () => {
  for (const changes of [
    ...[
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:x',
      'intent://x',
      'ms-word:x',
    ].flatMap((uri) => [
      { redirect_uris: [uri] },
      { redirect_uris: [uri], application_type: 'native' },
      { client_uri: uri },
      { logo_uri: uri },
    ]),
    { redirect_uris: ['https://evil.example/'] },
    { redirect_uris: ['https://example.org.evil.example/'] },
    { redirect_uris: ['https://notexample.org/'] },
    { redirect_uris: ['https://app.example.org/', 'https://evil.example/'] },
    { client_uri: 'https://org/', redirect_uris: ['https://evil.org@example.net/'] },
    { logo_uri: 'https://evil.example/x.png' },
    { policy_uri: 'https://user@example.org/' },
    { tos_uri: 'http://example.org/' },
  ]) {
    const answer = await register(changes);
    expect({ changes, status: answer.status }).toEqual({ changes, status: 400 });
  }
});

test('O5: nothing that an app names is fetched, by the server or by its pages', async () => {
  const port = await freePort();
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  const at = (path: string) => `https://127.0.0.1:${port}${path}`;
  const curious = await OauthApp.register(url, {
    client_uri: at('/'),
    logo_uri: at('/logo.svg'),
    tos_uri: at('/tos'),
    policy_uri: at('/policy'),
    redirect_uris: ['https://127.0.0.1/'],
    jwks_uri: at('/jwks'),
    sector_identifier_uri: at('/sectors'),
    software_statement: 'eyJ',
  });
  const browser = new Browser(url);
  await goThrough(browser, `${url}/account`, olive);
  const page = await browser.open(await curious.signIn('https://127.0.0.1/').url());
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/<(img|link|script|iframe)[^>]+https:/);
  expect(page.headers.get('content-security-policy')).not.toContain('img-src');
  expect(calls).toBe(0);
});

test('O5: what is too large, too deep or no metadata costs nothing', async () => {
  for (const raw of [
    '[]',
    'null',
    '"x"',
    '{"__proto__":{"client_uri":"https://example.org/"}}',
    `{"client_uri":"https://example.org/${'x'.repeat(3000)}"}`,
    `${'['.repeat(200)}${']'.repeat(200)}`,
    JSON.stringify({
      ...webApp,
      redirect_uris: Array.from({ length: 50 }, (_, i) => `https://app.example.org/${i}`),
    }),
    JSON.stringify({ ...webApp, filler: 'x'.repeat(20_000) }),
  ]) {
    const answer = await register({}, raw);
    expect({ raw: raw.slice(0, 40), status: answer.status }).toEqual({ raw: raw.slice(0, 40), status: 400 });
  }
});

test('O5: a name cannot pass for another: marks of direction are gone, and the host is shown with it', async () => {
  const names = { client_name: '\u202eElement\u0000\u2028 (official)' };
  const app = await OauthApp.register(url, { ...webApp, ...names });
  const browser = new Browser(url);
  await goThrough(browser, `${url}/account`, olive);
  const page = await browser.open(await app.signIn().url());
  expect(page.text).toContain('Element (official)');
  for (const mark of ['\u202e', '\u2028', '\u0000']) expect(page.text).not.toContain(mark);
  expect(page.text).toContain('<code>example.org</code>');
  expect(page.text).toContain('<code>app.example.org</code>');
});
