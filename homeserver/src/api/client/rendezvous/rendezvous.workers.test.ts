import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { call, fetchRaw, makeTables } from '../../../../../test/harness/homeserver-worker.ts';

const path = '/_matrix/client/unstable/org.matrix.msc4108/rendezvous';

beforeAll(makeTables);
afterEach(() => void vi.useRealTimers());

function ask(method: string, url: string, body?: string | Uint8Array, headers: Record<string, string> = {}) {
  const pathOf = url.replace('https://roost.test', '');
  return fetchRaw(pathOf, {
    method,
    ...(body !== undefined && { body }),
    headers: { ...(body !== undefined && { 'content-type': 'text/plain' }), ...headers },
  });
}

async function open(payload = ''): Promise<{ url: string; etag: string }> {
  const answer = await ask('POST', path, payload);
  expect(answer.status).toBe(201);
  const { url } = (await answer.json()) as { url: string };
  return { url, etag: answer.headers.get('etag') ?? '' };
}

const errcode = async (answer: Response) => ((await answer.json()) as { errcode: string }).errcode;

test('two devices write to each other in turn', async () => {
  const { url, etag } = await open('first');
  expect(url).toMatch(
    /^https:\/\/roost\.test\/_matrix\/client\/unstable\/org\.matrix\.msc4108\/rendezvous\/\S+$/,
  );
  const read = await ask('GET', url);
  expect([read.status, await read.text()]).toEqual([200, 'first']);
  expect(read.headers.get('content-type')).toBe('text/plain');
  expect(read.headers.get('etag')).toBe(etag);

  const unchanged = await ask('GET', url, undefined, { 'if-none-match': etag });
  expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([304, etag]);

  const written = await ask('PUT', url, 'second', { 'if-match': etag });
  expect([written.status, await written.text()]).toEqual([202, '']);
  const next = written.headers.get('etag') ?? '';
  expect(next).not.toBe(etag);
  const changed = await ask('GET', url, undefined, { 'if-none-match': etag });
  expect([changed.status, await changed.text(), changed.headers.get('etag')]).toEqual([200, 'second', next]);
  // A front that compresses weakens the tag.
  expect((await ask('PUT', url, 'third', { 'if-match': `W/${next}` })).status).toBe(202);

  expect((await ask('DELETE', url)).status).toBe(204);
  for (const gone of [
    await ask('GET', url),
    await ask('DELETE', url),
    await ask('PUT', url, '', { 'if-match': next }),
  ]) {
    expect([gone.status, await errcode(gone)]).toEqual([404, 'M_NOT_FOUND']);
  }
});

test('of several who write at once, one does; the others are told what there is', async () => {
  const { url, etag } = await open();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => ask('PUT', url, `writer ${index}`, { 'if-match': etag })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, ...Array<number>(7).fill(412)]);
  const refused = answers.find(({ status }) => status === 412);
  expect(await errcode(refused as Response)).toBe('M_CONCURRENT_WRITE');
  const { headers } = await ask('GET', url);
  expect(refused?.headers.get('etag')).toBe(headers.get('etag'));
});

test('every answer tells when it ends, is kept nowhere, and can be read by web clients', async () => {
  const created = await ask('POST', path, 'x');
  const { url } = (await created.json()) as { url: string };
  const etag = created.headers.get('etag') ?? '';
  const answers = [
    created,
    await ask('GET', url),
    await ask('GET', url, undefined, { 'if-none-match': etag }),
    await ask('PUT', url, 'y', { 'if-match': '"77"' }),
    await ask('PUT', url, 'y', { 'if-match': etag }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 304, 412, 202]);
  for (const { headers } of answers) {
    expect(headers.get('etag')).toMatch(/^"\d+"$/);
    expect(Date.parse(headers.get('expires') ?? '')).toBeGreaterThan(
      Date.parse(headers.get('last-modified') ?? ''),
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('ETag');
    expect(headers.get('access-control-expose-headers')).toContain('Expires');
  }
  const preflight = await ask('OPTIONS', url, undefined, { 'access-control-request-method': 'PUT' });
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  expect(preflight.headers.get('access-control-allow-headers')).toContain('If-Match');
});

test('what is too large, of another type or without its condition is refused', async () => {
  const { url, etag } = await open('x'.repeat(4096));
  const refusals = [
    [await ask('POST', path, 'x'.repeat(4097)), 413, 'M_TOO_LARGE'],
    [await ask('PUT', url, 'x'.repeat(4097), { 'if-match': etag }), 413, 'M_TOO_LARGE'],
    [await ask('POST', path, '{}', { 'content-type': 'application/json' }), 400, 'M_INVALID_PARAM'],
    [await ask('POST', path, new Uint8Array([0xff])), 400, 'M_INVALID_PARAM'],
    [await ask('PUT', url, 'y'), 400, 'M_MISSING_PARAM'],
    [await ask('PUT', url, 'y', { 'if-match': '*' }), 412, 'M_CONCURRENT_WRITE'],
    [await ask('GET', `${path}/${'A'.repeat(33)}`), 404, 'M_NOT_FOUND'],
    [await ask('GET', `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`), 404, 'M_NOT_FOUND'],
  ] as const;
  for (const [answer, status, code] of refusals) {
    expect([answer.status, await errcode(answer)]).toEqual([status, code]);
  }
});

test('sessions end by themselves, and there are not too many', async () => {
  const { url, etag } = await open('x');
  const { DB } = env as unknown as { DB: D1Database };
  const many = Array.from({ length: 1000 }, (_, index) => `('S${index}', '', 1, 0, ${Date.now() + 60_000})`);
  await DB.prepare(`INSERT INTO rendezvous_sessions VALUES ${many.join(',')}`).run();
  expect(await ask('POST', path, '')).toMatchObject({ status: 429 });

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 });
  expect((await ask('GET', url)).status).toBe(404);
  expect((await ask('PUT', url, 'y', { 'if-match': etag })).status).toBe(404);
  await open();
  const left = await DB.prepare('SELECT COUNT(*) AS sessions FROM rendezvous_sessions').first();
  expect(left).toEqual({ sessions: 1 });
});

test('clients learn that it is there, and that its successor is not', async () => {
  const versions = await call('GET', '/_matrix/client/versions');
  expect(versions.body.unstable_features).toMatchObject({ 'org.matrix.msc4108': true });
  const probe = await call('GET', '/unstable/io.element.msc4388/rendezvous');
  expect(probe).toMatchObject({ status: 404, body: { errcode: 'M_UNRECOGNIZED' } });
});
