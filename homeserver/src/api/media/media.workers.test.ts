import { applyD1Migrations } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, test, vi } from 'vitest';
import { parseMxcUri, type UserId } from '../../../../matrix/identifiers.ts';
import { limits } from '../../../../matrix/limits.ts';
import init from '../../../../migrations/d1/homeserver/0001_init.sql';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { findMedia, mediaStores, storeUpload } from '../../services/media.ts';

const { DB, MEDIA } = env as unknown as Env;

beforeAll(async () => {
  const queries = init.split(';').filter((query) => query.trim() !== '');
  await applyD1Migrations(DB, [{ name: '0001_init', queries }]);
});

interface Ask {
  method?: string;
  user?: string | null;
  headers?: Record<string, string>;
  body?: BodyInit;
}

function ask(path: string, { method = 'GET', user = '_test_alice', headers = {}, body }: Ask = {}) {
  const url = new URL(`https://roost.test${path}`);
  if (user !== null) url.searchParams.set('user_id', `@${user}:roost.test`);
  const request = new Request(url, {
    method,
    headers: user === null ? headers : { ...headers, authorization: 'Bearer test-as-token' },
    ...(body === undefined ? {} : { body }),
  });
  return (exports as unknown as { default: Fetcher }).default.fetch(request);
}

const download = (mediaId: string, init?: Ask) =>
  ask(`/_matrix/client/v1/media/download/roost.test/${mediaId}`, init);

async function upload(body: BodyInit, contentType?: string, name?: string): Promise<string> {
  const query = name === undefined ? '' : `?filename=${encodeURIComponent(name)}`;
  const response = await ask(`/_matrix/media/v3/upload${query}`, {
    method: 'POST',
    body,
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
  });
  expect(response.status).toBe(200);
  return idOf(await response.json());
}

function idOf(answer: unknown): string {
  const content = parseMxcUri((answer as { content_uri: string }).content_uri);
  expect(content?.serverName).toBe('roost.test');
  return content?.mediaId ?? '';
}

const errcode = async (response: Response) => [
  response.status,
  ((await response.json()) as { errcode: string }).errcode,
];

test('what is uploaded is downloaded, with type, name and the headers that keep it harmless', async () => {
  const mediaId = await upload('pixels', 'image/png', 'cat.png');
  const response = await download(mediaId);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('pixels');
  const headers = Object.fromEntries(response.headers);
  expect(headers).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': 'inline; filename="cat.png"',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-allow-origin': '*',
  });
  expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; script-src 'none'/);
  expect(headers['cache-control']).toContain('private');
});

test('ids are long, random and new for each upload; equal files share their bytes', async () => {
  const before = (await MEDIA.list()).objects.length;
  const [first, second] = [await upload('same', 'text/plain'), await upload('same', 'text/plain')];
  expect(first).toMatch(/^[A-Za-z0-9_-]{24}$/);
  expect(second).not.toBe(first);
  expect((await MEDIA.list()).objects).toHaveLength(before + 1);
});

test('M1, R9: HTML, SVG and what calls itself both are never inline', async () => {
  const attack = '<script>alert(1)</script>';
  for (const type of ['text/html', 'image/svg+xml', 'text/html; image/png', 'image/png, text/html']) {
    const response = await download(await upload(attack, type, 'x"\r\nX-Evil: 1.html'));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="x\\"X-Evil: 1.html"');
    expect(response.headers.get('x-evil')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
  }
  const untyped = await download(await upload(attack, 'html'));
  expect(untyped.headers.get('content-type')).toBe('application/octet-stream');
});

test('the name in the path replaces the uploaded one', async () => {
  const mediaId = await upload('x', 'text/plain', 'old.txt');
  const response = await ask(
    `/_matrix/client/v1/media/download/roost.test/${mediaId}/${encodeURIComponent('☕ neu.txt')}`,
  );
  expect(response.headers.get('content-disposition')).toBe(
    `inline; filename="_ neu.txt"; filename*=UTF-8''%E2%98%95%20neu.txt`,
  );
});

test('a file without a name, and one without contents', async () => {
  const response = await download(await upload('', 'text/plain'));
  expect(response.headers.get('content-disposition')).toBe('inline');
  expect(await response.text()).toBe('');
});

test('parts can be asked for', async () => {
  const mediaId = await upload('0123456789', 'video/mp4');
  const part = await download(mediaId, { headers: { range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ]);
  const beyond = await download(mediaId, { headers: { range: 'bytes=10-' } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
});

test('a file that the client has is not sent again', async () => {
  const mediaId = await upload('once', 'text/plain');
  const etag = (await download(mediaId)).headers.get('etag') ?? '';
  expect((await download(mediaId, { headers: { 'if-none-match': etag } })).status).toBe(304);
});

test('R24: a body over the limit is refused while it streams, and nothing of it stays', async () => {
  const before = (await MEDIA.list()).objects.map(({ key }) => key);
  const chunk = new Uint8Array(1024 * 1024);
  let given = 0;
  const body = new ReadableStream({
    pull(controller) {
      given += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  const response = await ask('/_matrix/media/v3/upload', { method: 'POST', body });
  expect(await errcode(response)).toEqual([413, 'M_TOO_LARGE']);
  expect(given).toBeLessThan(limits.maxUploadBytes * 1.2);
  expect((await MEDIA.list()).objects.map(({ key }) => key)).toEqual(before);
}, 20_000);

test('C1, M4: no token, no media; foreign, unknown and twisted ids are not found', async () => {
  const mediaId = await upload('secret', 'text/plain');
  expect(await errcode(await download(mediaId, { user: null }))).toEqual([401, 'M_MISSING_TOKEN']);
  expect(await errcode(await ask('/_matrix/media/v3/upload', { method: 'POST', user: null }))).toEqual([
    401,
    'M_MISSING_TOKEN',
  ]);
  const wrong = [
    `/_matrix/client/v1/media/download/not%20a%20server/${mediaId}`,
    `/_matrix/client/v1/media/download/roost.test/${mediaId.slice(1)}`,
    '/_matrix/client/v1/media/download/roost.test/..%2F..%2Fblobs',
  ];
  for (const path of wrong) expect(await errcode(await ask(path))).toEqual([404, 'M_NOT_FOUND']);
});

test('M4, TestContent: the former addresses serve those alone who show a token', async () => {
  const mediaId = await upload('secret', 'text/plain', 'old.txt');
  for (const root of ['/_matrix/media/v3', '/_matrix/media/r0']) {
    for (const path of [`download/roost.test/${mediaId}`, `download/roost.test/${mediaId}/new.txt`]) {
      expect(await errcode(await ask(`${root}/${path}`, { user: null }))).toEqual([404, 'M_NOT_FOUND']);
      const response = await ask(`${root}/${path}`);
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        200,
        'text/plain',
        'secret',
      ]);
    }
    const thumbnail = `${root}/thumbnail/roost.test/${mediaId}?width=1&height=1`;
    expect(await errcode(await ask(thumbnail, { user: null }))).toEqual([404, 'M_NOT_FOUND']);
    expect(await errcode(await ask(thumbnail))).toEqual([400, 'M_UNKNOWN']);
    const wrong = { user: null, headers: { authorization: 'Bearer wrong' } };
    expect((await ask(`${root}/download/roost.test/${mediaId}`, wrong)).status).toBe(401);
  }
});

test('M3: media of servers that are none, or of this network, are not had', async () => {
  for (const path of ['download/elsewhere.test/x', 'download/127.0.0.1/x', 'thumbnail/[::1]/x']) {
    const response = await ask(`/_matrix/client/v1/media/${path}?width=1&height=1`);
    expect(await errcode(response)).toEqual([502, 'M_UNKNOWN']);
  }
});

test('the limit is told', async () => {
  const roots = ['/_matrix/client/v1/media', '/_matrix/media/v3', '/_matrix/media/r0'];
  for (const path of roots.map((root) => `${root}/config`)) {
    expect(await (await ask(path)).json()).toEqual({ 'm.upload.size': limits.maxUploadBytes });
  }
});

test('an id can be had first and its file brought later, once, by the same user', async () => {
  const created = (await (await ask('/_matrix/media/v1/create', { method: 'POST' })).json()) as {
    unused_expires_at: number;
  };
  expect(created.unused_expires_at).toBeGreaterThan(Date.now());
  const mediaId = idOf(created);
  expect(await errcode(await download(`${mediaId}?timeout_ms=0`))).toEqual([504, 'M_NOT_YET_UPLOADED']);

  const put = (user: string, body = 'late') =>
    ask(`/_matrix/media/v3/upload/roost.test/${mediaId}?filename=late.txt`, {
      method: 'PUT',
      user,
      body,
      headers: { 'content-type': 'text/plain' },
    });
  expect(await errcode(await put('_test_mallory'))).toEqual([403, 'M_FORBIDDEN']);
  const waiting = download(`${mediaId}?timeout_ms=5000`);
  expect((await put('_test_alice')).status).toBe(200);
  const response = await waiting;
  expect(await response.text()).toBe('late');
  expect(response.headers.get('content-disposition')).toBe('inline; filename="late.txt"');
  expect(await errcode(await put('_test_alice', 'other'))).toEqual([409, 'M_CANNOT_OVERWRITE_MEDIA']);
  expect(await (await download(mediaId)).text()).toBe('late');
});

test('waiting for a file asks the database twenty times at most', async () => {
  const mediaId = idOf(await (await ask('/_matrix/media/v1/create', { method: 'POST' })).json());
  const stores = mediaStores(env as unknown as Env, readConfig(env as unknown as Env));
  let nowMs = Date.now();
  const startMs = nowMs;
  vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
  vi.spyOn(scheduler, 'wait').mockImplementation(async (delayMs) => {
    nowMs += delayMs;
  });
  const select = vi.spyOn(stores.db, 'select');
  await expect(findMedia(stores, mediaId, 600_000)).rejects.toMatchObject({ errcode: 'M_NOT_YET_UPLOADED' });
  expect(nowMs - startMs).toBe(60_000);
  expect(select.mock.calls.length).toBeLessThanOrEqual(20);
  vi.restoreAllMocks();
});

test('of two uploads to one id at the same time one wins', async () => {
  const mediaId = idOf(await (await ask('/_matrix/media/v1/create', { method: 'POST' })).json());
  const put = (body: string) =>
    ask(`/_matrix/media/v3/upload/roost.test/${mediaId}`, { method: 'PUT', body });
  const answers = await Promise.all([put('one'), put('two')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('ids that were not given out, and too many of them, are refused', async () => {
  const unknown = await ask('/_matrix/media/v3/upload/roost.test/unknown', { method: 'PUT', body: 'x' });
  expect(await errcode(unknown)).toEqual([404, 'M_NOT_FOUND']);
  const statuses: number[] = [];
  for (let asked = 0; asked <= 100; asked++) {
    const response = await ask('/_matrix/media/v1/create', { method: 'POST', user: '_test_greedy' });
    statuses.push(response.status);
  }
  expect(new Set(statuses.slice(0, 100))).toEqual(new Set([200]));
  expect(statuses[100]).toBe(429);
});

test('who has uploaded as much as they may is refused, in a small file or a large one', async () => {
  const stores = mediaStores(env as unknown as Env, readConfig(env as unknown as Env));
  const bring = (chars: number, quotaBytes = 100) => {
    const { body } = new Response('x'.repeat(chars));
    const uploader = '@quota:roost.test' as UserId;
    return storeUpload(stores, { uploader, body, contentType: null, fileName: undefined, quotaBytes }, 1);
  };
  const refused = { status: 403, errcode: 'M_FORBIDDEN' };
  await bring(60);
  await expect(bring(41)).rejects.toMatchObject(refused);
  await bring(40);
  await expect(bring(0)).rejects.toMatchObject(refused);
  await bring(1, Number.POSITIVE_INFINITY);
});

test('TestMediaFilenames: a safe type with parameters is inline too', async () => {
  const mediaId = await upload('x', 'image/png; xyz=1', 'x.png');
  const response = await download(mediaId);
  expect(response.headers.get('content-type')).toBe('image/png; xyz=1');
  expect(response.headers.get('content-disposition')).toBe('inline; filename="x.png"');
});
