import { env as bindings } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServerName } from '../../../matrix/identifiers.ts';
import type { Env } from '../env.ts';
import { request } from './federation-client.ts';
import { resolveServer } from './resolve-server.ts';
import { choose } from './srv-records.ts';
import { Peers } from './testing/peers.ts';
import { lifetimeMs } from './well-known.ts';

const env = bindings as unknown as Env;
const hourMs = 60 * 60_000;
let peers: Peers;
let nowMs = Date.now();
let names = 0;

beforeEach(() => {
  peers = new Peers();
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
});

afterEach(() => {
  nowMs = Date.now();
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const newName = () => `name${++names}.test`;
const resolve = (name: string) => resolveServer(env, name as ServerName);

function delegate(name: string, to: unknown, headers: Record<string, string> = {}): void {
  peers.on(`${name}/.well-known/matrix/server`, () => Response.json({ 'm.server': to }, { headers }));
}

/** Answers of the resolver by the name asked for. */
function records(byName: Record<string, string[]>): void {
  peers.on('dns.test', ({ url }) => {
    const name = new URL(url).searchParams.get('name') ?? '';
    const found = byName[name];
    return Response.json(
      found
        ? { Status: 0, Answer: found.map((data) => ({ name, type: 33, TTL: 300, data })) }
        : { Status: 3 },
    );
  });
}

test('1. and 2.: addresses and names with a port are taken as they are, and nobody is asked', async () => {
  expect(await resolve('1.2.3.4')).toEqual({ host: '1.2.3.4', port: 8448, hostHeader: '1.2.3.4' });
  expect(await resolve('[2a00::1]')).toEqual({ host: '[2a00::1]', port: 8448, hostHeader: '[2a00::1]' });
  expect(await resolve('[2a00::1]:443')).toEqual({
    host: '[2a00::1]',
    port: 443,
    hostHeader: '[2a00::1]:443',
  });
  expect(await resolve('a.test:80')).toEqual({ host: 'a.test', port: 80, hostHeader: 'a.test:80' });
  expect(peers.asked).toEqual([]);
});

test('3.: a delegation leads to an address, a port, a record, or port 8448', async () => {
  records({
    '_matrix-fed._tcp.srv.test': ['10 5 443 target.test.'],
    '_matrix._tcp.srv.test': ['10 5 444 wrong.test.'],
    '_matrix._tcp.older.test': ['10 5 445 old-target.test.'],
  });
  const cases: [string, object][] = [
    ['5.6.7.8', { host: '5.6.7.8', port: 8448, hostHeader: '5.6.7.8' }],
    ['5.6.7.8:1', { host: '5.6.7.8', port: 1, hostHeader: '5.6.7.8:1' }],
    ['matrix.test:443', { host: 'matrix.test', port: 443, hostHeader: 'matrix.test:443' }],
    ['srv.test', { host: 'target.test', port: 443, hostHeader: 'srv.test' }],
    ['older.test', { host: 'old-target.test', port: 445, hostHeader: 'older.test' }],
    ['plain.test', { host: 'plain.test', port: 8448, hostHeader: 'plain.test' }],
  ];
  for (const [to, address] of cases) {
    const name = newName();
    delegate(name, to);
    expect(await resolve(name)).toEqual(address);
  }
});

test('3.: what is no delegation, or not understood, is none', async () => {
  records({});
  for (const to of ['', 'https://matrix.test', 'matrix.test/path', 'a b', 5, null, 'x'.repeat(300)]) {
    const name = newName();
    delegate(name, to);
    expect(await resolve(name)).toEqual({ host: name, port: 8448, hostHeader: name });
  }
  const name = newName();
  peers.on(
    `${name}/.well-known/matrix/server`,
    () => new Response('{"m.server": "a.test:1"', { status: 200 }),
  );
  expect((await resolve(name)).host).toBe(name);
});

test('4. to 6.: without a delegation records of both names count, the newer first; else port 8448', async () => {
  const [one, two, three] = [newName(), newName(), newName()];
  records({
    [`_matrix-fed._tcp.${one}`]: ['20 0 1 late.test.', '10 0 2 first.test.'],
    [`_matrix._tcp.${one}`]: ['0 0 3 wrong.test.'],
    [`_matrix-fed._tcp.${two}`]: ['0 0 0 .', 'nonsense'],
    [`_matrix._tcp.${two}`]: ['0 0 4 second.test.'],
  });
  expect(await resolve(one)).toEqual({
    host: 'first.test',
    port: 2,
    hostHeader: one,
    fallbacks: [{ host: 'late.test', port: 1 }],
  });
  expect(await resolve(two)).toEqual({ host: 'second.test', port: 4, hostHeader: two });
  expect(await resolve(three)).toEqual({ host: three, port: 8448, hostHeader: three });
});

test('where nobody answers the next record is tried, and no other after a refusal', async () => {
  const name = newName();
  records({ [`_matrix-fed._tcp.${name}`]: ['1 0 1 one.test.', '2 0 2 two.test.', '3 0 3 three.test.'] });
  peers.on(`${name}:2`, () => Response.json({ errcode: 'M_FORBIDDEN' }, { status: 403 }));
  const path = '/_matrix/federation/v1/version';
  const call = { method: 'GET', path, timeoutMs: 5_000, maxBytes: 1_000 } as const;
  expect(await request(env, name as ServerName, call)).toMatchObject({ kind: 'answered', status: 403 });
  const tried = peers.urls().filter((url) => url.endsWith(path));
  expect(tried.map((url) => new URL(url).port)).toEqual(['1', '2']);
});

test('of records of the same priority each is chosen by its weight', () => {
  const record = (host: string, priority: number, weight: number) => ({ host, priority, weight, port: 1 });
  const records = [record('a', 1, 30), record('b', 1, 10), record('c', 0, 0), record('d', 2, 100)];
  expect(choose(records, 0.99)?.host).toBe('c');
  const equal = records.filter(({ priority }) => priority === 1);
  expect([0, 0.5, 0.74, 0.76, 1].map((random) => choose(equal, random)?.host)).toEqual([
    'a',
    'a',
    'a',
    'b',
    'b',
  ]);
  expect(choose([], 0.5)).toBeUndefined();
});

test('a delegation is kept for as long as it says, within limits, and kept on while it cannot be read', async () => {
  const name = newName();
  delegate(name, 'one.test:1', { 'cache-control': 'public, max-age=7200' });
  expect((await resolve(name)).host).toBe('one.test');
  delegate(name, 'two.test:1');
  later(1.9 * hourMs);
  expect((await resolve(name)).host).toBe('one.test');
  later(0.2 * hourMs);
  expect((await resolve(name)).host).toBe('two.test');
  peers.on(`${name}/.well-known/matrix/server`, () => new Response('', { status: 502 }));
  later(25 * hourMs);
  const asked = peers.asked.length;
  expect(await resolve(name)).toMatchObject({ host: name, port: 8448 });
  expect(await resolve(name)).toMatchObject({ host: name, port: 8448 });
  expect(
    peers
      .urls()
      .slice(asked)
      .filter((url) => url.includes(name) && url.includes('well-known')),
  ).toHaveLength(1);
});

test('a host that fails for a while is found where it was', async () => {
  const name = newName();
  delegate(name, 'one.test:1', { 'cache-control': 'max-age=3600' });
  await resolve(name);
  peers.off(`${name}/.well-known/matrix/server`);
  for (let time = 0; time < 5; time += 1) {
    later(1.1 * hourMs);
    expect((await resolve(name)).host).toBe('one.test');
  }
});

test('lifetimes of delegations', () => {
  const lifetime = (headers: Record<string, string>) => lifetimeMs(new Headers(headers), nowMs) / hourMs;
  expect(lifetime({})).toBe(24);
  expect(lifetime({ 'cache-control': 'max-age=999999999' })).toBe(48);
  expect(lifetime({ 'cache-control': 'no-store, max-age=0' })).toBe(5 / 60);
  expect(lifetime({ expires: new Date(nowMs + 3 * hourMs).toUTCString() })).toBeCloseTo(3, 2);
  expect(lifetime({ expires: '0' })).toBeLessThanOrEqual(24);
});

test('F15: redirects of a delegation are followed to public pages with TLS, not for ever', async () => {
  records({});
  const redirect = (name: string, to: string) =>
    peers.on(
      `${name}/.well-known/matrix/server`,
      () => new Response(null, { status: 302, headers: { location: to } }),
    );
  const followed = newName();
  redirect(followed, 'https://other.test/delegation');
  peers.on('other.test/delegation', () => Response.json({ 'm.server': 'found.test:1' }));
  expect((await resolve(followed)).host).toBe('found.test');
  for (const to of [
    'http://other.test/delegation',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/',
    'https://2130706433/',
    'https://0x7f.1/',
    'ftp://other.test/',
  ]) {
    const name = newName();
    redirect(name, to);
    const asked = peers.asked.length;
    expect(await resolve(name)).toEqual({ host: name, port: 8448, hostHeader: name });
    expect(
      peers
        .urls()
        .slice(asked)
        .filter((url) => !url.includes('dns.test')),
    ).toHaveLength(1);
  }
  const loop = newName();
  redirect(loop, `https://${loop}/.well-known/matrix/server`);
  await resolve(loop);
  expect(peers.urls().filter((url) => url.includes(`${loop}/`)).length).toBeLessThanOrEqual(6);
});

test.each([
  '127.0.0.1',
  '[::1]:443',
  '10.0.0.1:80',
  '169.254.169.254',
  'localhost:8448',
  '127.1',
  '0x7f000001:443',
  'intranet',
])('F15: %s is not connected to, nor is what delegates there', async (target) => {
  records({});
  const call = {
    method: 'GET',
    path: '/_matrix/federation/v1/version',
    timeoutMs: 1000,
    maxBytes: 1000,
  } as const;
  expect(await request(env, target as ServerName, call)).toMatchObject({ kind: 'failed', reason: 'refused' });
  const name = newName();
  delegate(name, target);
  expect(await request(env, name as ServerName, call)).toMatchObject({ kind: 'failed', reason: 'refused' });
  expect(peers.urls().filter((url) => !url.includes('dns.test') && !url.includes('well-known'))).toEqual([]);
});

test('requests are signed for whom they go to; what comes back is an answer or a failure, never an exception', async () => {
  const call = {
    method: 'PUT',
    path: '/a/%21b',
    query: { x: ["it's", 'ü'] },
    timeoutMs: 500,
    maxBytes: 1000,
  } as const;
  const at = 'remote.test:8448' as ServerName;
  const send = (more: object = {}) => request(env, at, { ...call, body: { a: 1 }, ...more });
  peers.on(at, () => Response.json({ ok: true }));
  expect(await send()).toEqual({ kind: 'answered', status: 200, json: { ok: true }, problems: [] });
  expect(peers.asked[0]).toMatchObject({
    method: 'PUT',
    url: `https://${at}/a/%21b?x=it%27s&x=%C3%BC`,
    body: '{"a":1}',
  });
  expect(peers.asked[0]?.headers.get('authorization')).toMatch(
    /^X-Matrix origin="roost.test",destination="remote.test:8448",key="ed25519:test",sig="[A-Za-z0-9+/]{86}"$/,
  );
  peers.on(at, () => Response.json({ errcode: 'M_FORBIDDEN' }, { status: 403 }));
  expect(await send()).toMatchObject({ kind: 'answered', status: 403, json: { errcode: 'M_FORBIDDEN' } });
  const failures: [() => Response | Promise<Response>, string][] = [
    [() => new Response('<html>'), 'not_json'],
    [() => new Response('x'.repeat(2000)), 'too_large'],
    [() => Response.redirect('https://elsewhere.test/', 307), 'refused'],
    [() => Promise.reject(new Error('reset')), 'unreachable'],
    [() => new Promise(() => {}), 'timed_out'],
  ];
  for (const [handler, reason] of failures) {
    peers.on(at, handler);
    expect(await send({ timeoutMs: 100 })).toMatchObject({ kind: 'failed', reason });
  }
  expect(await send({ body: { a: '\ud800' } })).toMatchObject({ kind: 'failed', reason: 'unsendable' });
});
