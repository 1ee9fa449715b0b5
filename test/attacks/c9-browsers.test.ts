import { beforeAll, expect, test } from 'vitest';
import { ask, inParallel, Person, p } from './lib/attacker.ts';
import { cases, fill } from './lib/route-cases.ts';
import { target } from './lib/target.ts';

/** C9: what a page of somebody else, open in the owner's browser, can have the browser do and read. */
const { url } = target;
let olive: Person;
const headers = { origin: 'https://evil.test', cookie: 'session=x', 'sec-fetch-site': 'cross-site' };

beforeAll(async () => {
  olive = await Person.register(url, 'c9-olive');
});

/** What Matrix clients and consoles of other origins ask; the rest is for people, and for the owner's tools. */
const forClients = [
  ...['/_synapse/admin/', '/_matrix/', '/.well-known/matrix/', '/.well-known/oauth-', '/.well-known/openid-'],
  ...['registration', 'token', 'revoke', 'device', 'jwks.json'].map((name) => `/oauth2/${name}`),
];

test('C9: only Matrix clients and consoles may be of another origin, and none by a cookie', async () => {
  const wrong: string[] = [];
  await inParallel(cases, async ({ name, method, path }) => {
    const concrete = fill(path);
    const isForClients = forClients.some((start) => concrete.startsWith(start));
    for (const asked of [method, 'OPTIONS']) {
      const preflight = {
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization',
      };
      const answer = await ask(url, asked, concrete, {
        headers: asked === 'OPTIONS' ? { ...headers, ...preflight } : headers,
      });
      const allowed = answer.headers.get('access-control-allow-origin');
      if (allowed !== (isForClients ? '*' : null)) wrong.push(`${asked} ${name}: allows ${allowed}`);
      if (answer.headers.has('access-control-allow-credentials')) wrong.push(`${asked} ${name}: credentials`);
      const cookies = answer.headers.getSetCookie();
      if (isForClients && cookies.length > 0) wrong.push(`${asked} ${name}: cookie`);
      for (const cookie of cookies) {
        if (!/; HttpOnly; SameSite=(Lax|Strict)\b/.test(cookie)) wrong.push(`${asked} ${name}: ${cookie}`);
      }
    }
  });
  expect(wrong).toEqual([]);
});

const ourPages =
  /^\/(setup$|register$|account(\/|$)|link$|oauth2\/|_matrix\/static\/|_matrix\/client\/(v3|r0)\/login\/sso\/)/;

test('C9: every page is locked down, and nothing else is a page', async () => {
  const visitor = await Person.register(url, 'c9-visitor');
  const pages = new Set<string>();
  await inParallel(cases, async ({ path, method }) => {
    const answer = await ask(url, method, fill(path), { token: visitor.accessToken });
    const type = answer.headers.get('content-type') ?? '';
    if (!type.startsWith('text/html')) return;
    pages.add(path);
    const policy = answer.headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
      "base-uri 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe');
    // Scripts of our own alone, each by its hash; and what shows what it was given has none.
    for (const source of /script-src ([^;]*)/.exec(policy)?.[1]?.split(' ') ?? []) {
      expect(source).toMatch(/^'sha256-[A-Za-z0-9+/]{43}='$/);
    }
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
  expect([...pages].filter((path) => !ourPages.test(path))).toEqual([]);
  expect(pages).toContain('/setup');
});

test('C9: what a page is given is shown as text', async () => {
  const script = '"><script>alert(1)</script>';
  const form = (fields: Record<string, string>) =>
    ask(url, 'POST', '/setup', {
      raw: new URLSearchParams(fields).toString(),
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    });
  for (const { text, status } of [
    await ask(url, 'GET', `/setup?token=${encodeURIComponent(script)}`),
    await form({ token: script, username: script, password: script, repeated: script }),
  ]) {
    expect(status).toBe(403);
    expect(text).not.toContain('<script');
  }
});

test('C9: a form of another site makes no account and does nothing as the owner', async () => {
  const forms = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'];
  for (const type of forms) {
    const raw = 'token=guess&username=eve&password=password12&repeated=password12';
    const answer = await ask(url, 'POST', '/setup', { raw, headers: { ...headers, 'content-type': type } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const admin = await ask(url, 'POST', '/_roost/admin/v1/registration_tokens', {
      raw: '{"uses":1}',
      headers: { ...headers, 'content-type': type },
    });
    expect(admin.status).toBe(401);
  }
  expect((await ask(url, 'GET', '/_matrix/client/v3/register/available?username=eve')).body.available).toBe(
    true,
  );
});

test('C9: __proto__ and constructor are names like others', async () => {
  const user = p`/v3/user/${olive.userId}`;
  const nasty =
    '{"__proto__":{"polluted":true,"admin":true},"constructor":{"prototype":{"polluted":true}},"a":1}';
  const put = (path: string, raw: string, method = 'PUT') =>
    ask(url, method, `/_matrix/client${path}`, { token: olive.accessToken, raw });
  expect((await put(`${user}/account_data/org.example.nasty`, nasty)).status).toBe(200);
  expect((await olive.call('GET', `${user}/account_data/org.example.nasty`)).text).toContain('"a":1');
  for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect((await olive.call('GET', `${user}/account_data/${type}`)).status).toBe(404);
    expect((await olive.call('GET', `/v3/devices/${type}`)).status).toBe(404);
    expect((await olive.call('GET', `/v3/pushrules/global/${type}/x`)).status).toBe(400);
    expect((await olive.call('GET', `/v3/pushrules/global/override/${type}`)).status).toBe(404);
    expect((await olive.call('GET', p`/v3/profile/${olive.userId}/${type}`)).status).toBeGreaterThanOrEqual(
      400,
    );
    expect((await olive.call('GET', `/v3/thirdparty/protocol/${type}`)).status).toBe(404);
  }
  const roomId = await olive.createRoom();
  const answers = await Promise.all([
    put(p`/v3/rooms/${roomId}/send/org.example.nasty/1`, nasty),
    put(p`/v3/rooms/${roomId}/state/__proto__/__proto__`, nasty),
    put(`${user}/filter`, '{"room":{"__proto__":{"timeline":{"limit":1}}}}', 'POST'),
    put('/v3/keys/query', '{"device_keys":{"__proto__":[],"constructor":[]}}', 'POST'),
    put('/v3/keys/claim', '{"one_time_keys":{"__proto__":{"__proto__":"__proto__"}}}', 'POST'),
    put('/v3/sendToDevice/org.example/1', '{"messages":{"__proto__":{"*":{}},"constructor":{"*":{}}}}'),
    put('/v3/keys/upload', '{"one_time_keys":{"__proto__":{"key":"x"}}}', 'POST'),
    put(
      '/unstable/org.matrix.simplified_msc3575/sync?timeout=0',
      '{"lists":{"__proto__":{"ranges":[[0,1]]}}}',
      'POST',
    ),
    put('/v3/createRoom', '{"creation_content":{"__proto__":{"type":"x"}},"initial_state":[]}', 'POST'),
    put('/v3/login', '{"__proto__":{"type":"m.login.password"},"type":"__proto__"}', 'POST'),
  ]);
  for (const { status, text } of answers)
    expect({ text, failed: status >= 500 }).toEqual({ text, failed: false });
  // A prototype that had been changed would now give everybody what they have not.
  const fresh = await Person.register(url, 'c9-fresh');
  const own = await fresh.ok('GET', '/v3/account/whoami');
  expect(own).toEqual({ user_id: fresh.userId, device_id: fresh.deviceId, is_guest: false });
  expect((await fresh.call('GET', p`/v1/admin/lock/${olive.userId}`)).status).toBe(403);
});
