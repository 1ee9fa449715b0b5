import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImageHeader } from '../../homeserver/src/services/image-header.ts';
import { limits } from '../../matrix/limits.ts';
import { api, register } from '../harness/matrix-client.ts';
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

async function upload(body: BodyInit, contentType: string): Promise<string> {
  const response = await matrixFetch(`${roost.url}/_matrix/media/v3/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
    body,
  });
  return ((await response.json()) as { content_uri: string }).content_uri.slice('mxc://'.length);
}

test('parts of a file are had by ranges, as players ask for them', async () => {
  const media = await upload('0123456789', 'video/mp4');
  const part = async (range: string) => {
    // HTTP has answers to this that the description of the operation does not know.
    const response = await fetch(`${roost.url}/_matrix/client/v1/media/download/${media}`, {
      headers: { authorization: `Bearer ${token}`, range },
    });
    return [response.status, response.headers.get('content-range'), await response.text()];
  };
  expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await part('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await part('bytes=-2')).toEqual([206, 'bytes 8-9/10', '89']);
  expect((await part('bytes=20-')).slice(0, 2)).toEqual([416, 'bytes */10']);
});

test('a picture that moves goes on moving for who asks for that, and stands still for others', async () => {
  const media = await upload(Uint8Array.from(picture), 'image/webp');
  const frames = async (animated: boolean) => {
    const response = await get(`thumbnail/${media}?width=96&height=96&method=scale&animated=${animated}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    return bytes.toString('latin1').split('ANMF').length - 1;
  };
  expect(picture.toString('latin1').split('ANMF').length - 1).toBeGreaterThan(1);
  expect(await frames(true)).toBeGreaterThan(1);
  expect(await frames(false)).toBe(0);
});

test('what clients say of a picture, its blurhash too, stays with the message', async () => {
  const { room_id: roomId } = await api<{ room_id: string }>(roost.url, token, 'POST', 'v3/createRoom', {});
  const room = `v3/rooms/${encodeURIComponent(roomId)}`;
  const info = {
    w: 64,
    h: 48,
    mimetype: 'image/webp',
    size: picture.byteLength,
    blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
    'xyz.amorgan.blurhash': 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
    'org.matrix.msc4230.is_animated': true,
  };
  const content = {
    msgtype: 'm.image',
    body: 'a.webp',
    url: `mxc://${await upload('x', 'image/webp')}`,
    info,
  };
  await api(roost.url, token, 'PUT', `${room}/send/m.room.message/1`, content);
  const page = await api<{ chunk: object[] }>(roost.url, token, 'GET', `${room}/messages?dir=b&limit=1`);
  expect(page.chunk).toMatchObject([{ content }]);
});

test('the limit is told, and an id can be had before its file', async () => {
  const limit = await api<Record<string, number>>(roost.url, token, 'GET', 'v1/media/config');
  expect(limit['m.upload.size']).toBe(limits.maxUploadBytes);
  const headers = { authorization: `Bearer ${token}` };
  const created = await matrixFetch(`${roost.url}/_matrix/media/v1/create`, { method: 'POST', headers });
  const { content_uri: uri } = (await created.json()) as { content_uri: string };
  const media = uri.slice('mxc://'.length);
  const waiting = get(`download/${media}?timeout_ms=20000`);
  const put = { method: 'PUT', headers, body: 'late' };
  expect((await matrixFetch(`${roost.url}/_matrix/media/v3/upload/${media}`, put)).status).toBe(200);
  expect(await (await waiting).text()).toBe('late');
});
