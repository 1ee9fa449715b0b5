import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { fetchRaw, makeTables } from '../../../../test/harness/homeserver-worker.ts';
import vectors from '../../../../test/vectors/pictures.json' with { type: 'json' };
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { publicFetch } from '../../services/public-fetch.ts';
import type { Call, Requester } from '../endpoint.ts';
import { getUrlPreviewAuthed } from './getUrlPreviewAuthed.ts';

const bindings = env as unknown as Env;
const png = Buffer.from(vectors.pictures.find(({ name }) => name === 'PNG')?.base64 ?? '', 'base64');
let pages: Record<string, () => Response>;
let asked: string[];

beforeAll(makeTables);
beforeEach(() => {
  asked = [];
  pages = {};
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    expect(init?.redirect).toBe('manual');
    const url = String(input);
    asked.push(url);
    return pages[url]?.() ?? new Response('nothing', { status: 404 });
  });
});
afterEach(() => vi.restoreAllMocks());

const page =
  (html: string, type = 'text/html') =>
  () =>
    new Response(html, { headers: { 'content-type': type } });
const image = () => new Response(png, { headers: { 'content-type': 'image/png' } });

async function preview(url: string, root = '/_matrix/client/v1/media') {
  const response = await fetchRaw(`${root}/preview_url?url=${encodeURIComponent(url)}`, {
    headers: { authorization: 'Bearer test-as-token' },
  });
  return { status: response.status, body: (await response.json()) as Record<string, string | number> };
}

const noPreview = { status: 502, body: { errcode: 'M_UNKNOWN' } };

test('TestUrlPreview: what a page says, and its picture as media of this server', async () => {
  pages['http://pages.example/a/test.html'] = page(`<html><head><title>The Rock (1996)</title>
    <meta property="og:title" content="The Rock"><meta property="og:type" content="video.movie">
    <meta property="og:url" content="http://www.imdb.com/title/tt0117500/">
    <meta property="og:image" content="test.png"></head><body></body></html>`);
  pages['http://pages.example/a/test.png'] = image;
  const { status, body } = await preview('http://pages.example/a/test.html#part', '/_matrix/media/v3');
  expect(status).toBe(200);
  expect(body).toEqual({
    'og:title': 'The Rock',
    'og:type': 'video.movie',
    'og:url': 'http://www.imdb.com/title/tt0117500/',
    'og:image': expect.stringMatching(/^mxc:\/\/roost\.test\//),
    'og:image:type': 'image/png',
    'og:image:width': 400,
    'og:image:height': 300,
    'matrix:image:size': png.byteLength,
  });
  const media = String(body['og:image']).slice('mxc://'.length);
  const download = await fetchRaw(`/_matrix/client/v1/media/download/${media}`, {
    headers: { authorization: 'Bearer test-as-token' },
  });
  expect(Buffer.from(await download.arrayBuffer()).equals(png)).toBe(true);
});

test('a preview is made once, and one that could not be made is not tried again soon', async () => {
  pages['https://pages.example/once'] = page('<title>Once</title>');
  for (let times = 0; times < 2; times++) {
    expect((await preview('https://pages.example/once')).body).toEqual({ 'og:title': 'Once' });
    expect(await preview('https://pages.example/gone')).toMatchObject(noPreview);
  }
  expect(asked).toEqual(['https://pages.example/once', 'https://pages.example/gone']);
});

test('a picture is its own preview; other files have none', async () => {
  pages['https://pages.example/cat'] = image;
  pages['https://pages.example/paper'] = page('%PDF', 'application/pdf');
  expect((await preview('https://pages.example/cat')).body).toMatchObject({ 'og:image:width': 400 });
  expect(await preview('https://pages.example/paper')).toEqual({ status: 200, body: {} });
});

test('oEmbed says what the page does not', async () => {
  pages['https://pages.example/video'] = page(
    '<link rel="alternate" type="application/json+oembed" href="/oembed"><title>Video - site</title>',
  );
  const thumbnail_url = 'https://images.example/x.png';
  pages['https://pages.example/oembed'] = () =>
    Response.json({ type: 'video', title: 'Video', provider_name: 'Site', thumbnail_url, html: '<script>' });
  pages[thumbnail_url] = image;
  expect((await preview('https://pages.example/video')).body).toMatchObject({
    'og:title': 'Video - site',
    'og:site_name': 'Site',
    'og:image:width': 400,
  });
});

test.each([
  'http://127.0.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]:8008/',
  'http://2130706433/',
  'http://router.lan/',
  'http://localhost:8008/',
  'https://user:password@pages.example/',
])('M5: %s is not fetched', async (url) => {
  expect(await preview(url)).toMatchObject(noPreview);
  expect(asked).toEqual([]);
});

test.each(['', 'file:///etc/passwd', 'ftp://pages.example/', 'javascript:alert(1)', 'no address'])(
  'M5: %j is no address',
  async (url) => {
    expect((await preview(url)).status).toBe(400);
    expect(asked).toEqual([]);
  },
);

test.each(['http://127.0.0.1/', 'http://169.254.169.254/', 'file:///etc/passwd'])(
  'M5: neither a redirect, nor a picture, nor oEmbed leads to %s',
  async (target) => {
    const name = `https://attack.example/${encodeURIComponent(target)}`;
    pages[name] = () => new Response(null, { status: 302, headers: { location: target } });
    expect(await preview(name)).toMatchObject(noPreview);
    const oembed = `<link rel="alternate" type="application/json+oembed" href="${target}">`;
    pages[`${name}/picture`] = page(
      `${oembed}<title>x</title><meta property="og:image" content="${target}">`,
    );
    expect((await preview(`${name}/picture`)).body).toEqual({ 'og:title': 'x' });
    pages[`${name}/embed`] = page(`${oembed.replace(target, '/o')}<title>y</title>`);
    pages['https://attack.example/o'] = () => Response.json({ thumbnail_url: target });
    expect((await preview(`${name}/embed`)).body).toEqual({ 'og:title': 'y' });
    expect(asked.every((url) => url.startsWith('https://attack.example/'))).toBe(true);
  },
);

test('M5: redirects without end are given up', async () => {
  pages['https://attack.example/loop'] = () =>
    new Response(null, { status: 302, headers: { location: 'https://attack.example/loop' } });
  expect(await preview('https://attack.example/loop')).toMatchObject(noPreview);
  expect(asked.length).toBeLessThanOrEqual(5);
});

test('M5: of a page without end the beginning is read', async () => {
  let given = 0;
  const chunk = Buffer.alloc(64 * 1024, ' ');
  pages['https://attack.example/endless'] = () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('<head><title>Endless</title>')),
      pull(controller) {
        given += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/html' } });
  };
  expect((await preview('https://attack.example/endless')).body).toEqual({ 'og:title': 'Endless' });
  expect(given).toBeLessThan(2 * 1024 * 1024);
});

test('M5: a page that never answers is given up after ten seconds', async () => {
  vi.useFakeTimers();
  try {
    vi.mocked(fetch).mockImplementation((_, init) => {
      const { promise, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      queueMicrotask(() => vi.advanceTimersByTime(10_000));
      return promise;
    });
    const fetchPublic = publicFetch(bindings, readConfig(bindings));
    const limits = { timeoutMs: 10_000, maxBytes: 1000 };
    await expect(fetchPublic('https://attack.example/', limits)).rejects.toMatchObject({
      reason: 'timed_out',
    });
  } finally {
    vi.useRealTimers();
  }
});

test('M5: a picture over the limit, or that is none, is left out', async () => {
  const huge = () =>
    new Response(new Uint8Array(6 * 1024 * 1024), { headers: { 'content-type': 'image/png' } });
  pages['https://attack.example/huge.png'] = huge;
  pages['https://attack.example/page.png'] = page('<script>alert(1)</script>', 'image/png');
  for (const name of ['huge', 'page']) {
    pages[`https://attack.example/${name}`] = page(
      `<title>x</title><meta property="og:image" content="${name}.png">`,
    );
    expect((await preview(`https://attack.example/${name}`)).body).toEqual({ 'og:title': 'x' });
  }
});

test('only public addresses are reached where the runtime offers a way to them alone', async () => {
  const seen: string[] = [];
  const PUBLIC_INTERNET = {
    fetch: async (url: string) => {
      seen.push(url);
      return new Response('x');
    },
  } as unknown as Fetcher;
  const config = { ...readConfig(bindings), urlPreviewHosts: ['intranet.lan'] };
  const fetchPublic = publicFetch({ ...bindings, PUBLIC_INTERNET }, config);
  const limits = { timeoutMs: 1000, maxBytes: 1000 };
  await fetchPublic('https://pages.example/', limits);
  await fetchPublic('http://intranet.lan/', limits);
  expect(seen).toEqual(['https://pages.example/']);
  expect(asked).toEqual(['http://intranet.lan/']);
});

test('there are none unless the owner wants them, and none without a token', async () => {
  const config = { ...readConfig(bindings), urlPreviews: false };
  const requester = { userId: '@x:roost.test' } as Requester;
  const call = { config, query: { url: 'https://pages.example/' }, env: bindings } as unknown as Call<
    unknown,
    unknown
  >;
  await expect(getUrlPreviewAuthed.handler(call, requester)).rejects.toMatchObject({
    errcode: 'M_UNRECOGNIZED',
  });
  expect((await fetchRaw('/_matrix/client/v1/media/preview_url?url=https://pages.example/')).status).toBe(
    401,
  );
  expect(asked).toEqual([]);
});
