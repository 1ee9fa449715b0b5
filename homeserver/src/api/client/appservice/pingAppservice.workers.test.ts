import { env, exports } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readConfig } from '../../../config.ts';
import type { Env } from '../../../env.ts';
import { queryAlias, queryUser } from '../../../services/appservice-queries.ts';

let seen: { url: string; init: RequestInit }[] = [];
let answer: () => Promise<Response>;

beforeEach(() => {
  seen = [];
  answer = async () => Response.json({});
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    seen.push({ url, init });
    return answer();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const ping = (id = 'test', token = 'test-as-token') =>
  (exports as unknown as { default: Fetcher }).default.fetch(
    new Request(`https://roost.test/_matrix/client/v1/appservice/${id}/ping`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ transaction_id: 'mine' }),
    }),
  );

test('the service is called with its hs_token and our transaction id', async () => {
  const response = await ping();
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ duration_ms: expect.any(Number) });
  const call = seen.find(({ url }) => url.endsWith('/ping'));
  expect(call?.url).toBe('http://appservice.test/_matrix/app/v1/ping');
  expect(new Headers(call?.init.headers).get('authorization')).toBe('Bearer test-hs-token');
  expect(JSON.parse(String(call?.init.body))).toEqual({ transaction_id: 'mine' });
});

test.each([
  [
    'another status',
    async () => new Response('{"errcode":"M_UNKNOWN_TOKEN"}', { status: 401 }),
    502,
    { errcode: 'M_BAD_STATUS', status: 401, body: '{"errcode":"M_UNKNOWN_TOKEN"}' },
  ],
  ['no connection', () => Promise.reject(new TypeError('refused')), 502, { errcode: 'M_CONNECTION_FAILED' }],
  [
    'no answer',
    () => Promise.reject(new DOMException('late', 'TimeoutError')),
    504,
    { errcode: 'M_CONNECTION_TIMEOUT' },
  ],
])('%s is told', async (_, bad, status, body) => {
  answer = bad;
  const response = await ping();
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(body);
});

test('a foreign id, and who is no application service, are refused', async () => {
  for (const response of [await ping('slack'), await ping('test', 'someone-else')]) {
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errcode: 'M_FORBIDDEN' });
  }
  expect(seen).toEqual([]);
});

test('a bridge that is bound gets its requests, an unknown one is unrecognized', async () => {
  const fetchPath = (path: string) =>
    (exports as unknown as { default: Fetcher }).default.fetch(new Request(`https://roost.test${path}`));
  // The status by which the stand-in for other Workers shows itself.
  expect((await fetchPath('/_bridge/slack/oauth?x=1')).status).toBe(599);
  for (const path of ['/_bridge/nothing/x', '/_bridge/constructor/x', '/_bridge/']) {
    const response = await fetchPath(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
  }
});

test('only the service with the exclusive namespace is asked, and only status 200 means yes', async () => {
  const homeserver = env as unknown as Env;
  const config = readConfig(homeserver);
  expect(await queryUser(homeserver, config, '@_test_a/b:roost.test')).toBe(true);
  expect(seen[0]?.url).toBe('http://appservice.test/_matrix/app/v1/users/%40_test_a%2Fb%3Aroost.test');
  answer = async () => new Response('{}', { status: 404 });
  expect(await queryUser(homeserver, config, '@_test_a:roost.test')).toBe(false);
  answer = () => Promise.reject(new TypeError('refused'));
  expect(await queryUser(homeserver, config, '@_test_a:roost.test')).toBe(false);

  seen = [];
  expect(await queryUser(homeserver, config, '@someone:roost.test')).toBe(false);
  expect(await queryAlias(homeserver, config, '#anything:roost.test')).toBe(false);
  expect(seen).toEqual([]);
});
