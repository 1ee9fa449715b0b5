import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImageHeader } from '../../homeserver/src/services/image-header.ts';
import { register } from '../harness/matrix-client.ts';
import { matrixFetch } from '../harness/matrix-fetch.ts';
import { Roost } from '../harness/roost.ts';
import vectors from '../vectors/pictures.json' with { type: 'json' };

/** What only the real runtime shows: its codec, and its way to the internet. */

let roost: Roost;
let site: Server;
let siteUrl: string;
let token: string;
const asked: string[] = [];
const picture = Buffer.from(
  vectors.pictures.find(({ name }) => name === 'moving WebP')?.base64 ?? '',
  'base64',
);

beforeAll(async () => {
  site = createServer((request, response) => {
    asked.push(request.url ?? '');
    const isPage = request.url?.endsWith('.html');
    response.setHeader('content-type', isPage ? 'text/html' : 'image/webp');
    response.end(isPage ? '<title>A page</title><meta property="og:image" content="picture.webp">' : picture);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const address = site.address();
  siteUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  roost = await Roost.start({ env: { URL_PREVIEWS: 'on', URL_PREVIEW_HOSTS: '["127.0.0.1"]' } });
  token = (await register(roost.url, 'maria')).accessToken;
});

afterAll(async () => {
  site?.close();
  await roost?.stopAndRemove();
});

const get = (path: string) =>
  matrixFetch(`${roost.url}/_matrix/client/v1/media/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });

const preview = async (url: string) => {
  const response = await get(`preview_url?url=${encodeURIComponent(url)}`);
  return { status: response.status, body: (await response.json()) as Record<string, string | number> };
};

async function thumbnail(media: string) {
  const response = await get(`thumbnail/${media}?width=96&height=96&method=crop`);
  const header = readImageHeader(new Uint8Array(await response.arrayBuffer()));
  return [response.status, header?.contentType, header?.width, header?.height];
}

test('TestUrlPreview, TestLocalPngThumbnail: a page is described, and its picture shrunk', async () => {
  const { status, body } = await preview(`${siteUrl}/page.html`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    'og:title': 'A page',
    'og:image:width': 400,
    'matrix:image:size': picture.byteLength,
  });
  const media = String(body['og:image']).slice('mxc://'.length);
  expect(await thumbnail(media)).toEqual([200, 'image/webp', 96, 96]);
  expect(await preview(`${siteUrl}/page.html`)).toEqual({ status, body });
  expect(asked).toEqual(['/page.html', '/picture.webp']);
});

test('M5: this machine is out of reach, whatever it is called', async () => {
  const before = asked.length;
  const { port } = new URL(siteUrl);
  for (const host of ['localhost', '127.0.0.2', '[::1]', '2130706434', 'a.localhost']) {
    expect((await preview(`http://${host}:${port}/page.html`)).status).toBe(502);
  }
  expect(asked.length).toBe(before);
});

test('M2: damaged pictures, many at a time, leave the server as it was', async () => {
  const damaged = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const response = await matrixFetch(`${roost.url}/_matrix/media/v3/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'image/webp' },
        body: picture.subarray(0, picture.byteLength - 20 - at),
      });
      const { content_uri } = (await response.json()) as { content_uri: string };
      return content_uri.slice('mxc://'.length);
    }),
  );
  const answers = await Promise.all(damaged.map(thumbnail));
  for (const [status] of answers) expect([200, 400]).toContain(status);
  expect((await preview(`${siteUrl}/other.html`)).status).toBe(200);
});
