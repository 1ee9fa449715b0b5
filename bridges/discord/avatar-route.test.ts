import { expect, test } from 'vitest';
import type { BridgeConfig } from '../core/config.ts';
import { avatarPath, serveAvatar } from './avatar-route.ts';

const key = 'a key';
const mxc = 'mxc://roost.test:8448/AbC-1';
const path = avatarPath(key, mxc) ?? '';

/** A homeserver that has one picture of this type. */
function serve(request: string | Request, contentType = 'image/png') {
  const asked: string[] = [];
  const matrix = {
    getContentAuthed: async (uri: string) => {
      asked.push(uri);
      return new Response('picture', { headers: { 'content-type': contentType } });
    },
  };
  const config = { matrix } as unknown as BridgeConfig;
  const given = typeof request === 'string' ? new Request(`https://roost.test${request}`) : request;
  return serveAvatar(config, key, given).then((response) => ({ response, asked }));
}

test('B6: a picture that we signed is served as a picture and nothing else', async () => {
  const { response, asked } = await serve(path);
  expect(asked).toEqual([mxc]);
  expect(response?.status).toBe(200);
  expect(Object.fromEntries(response?.headers ?? [])).toMatchObject({
    'content-type': 'image/png',
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
  });
});

test.each([
  ['another picture', path.replace('AbC-1', 'AbC-2')],
  ['another server', path.replace('roost.test', 'other.test')],
  ['another key', avatarPath('other', mxc) ?? ''],
  ['a broken escape', path.replace('%3A8448', '%3A%')],
])('%s is not', async (_, changed) => {
  const { response, asked } = await serve(changed);
  expect(asked).toEqual([]);
  expect(response?.status ?? 404).toBe(404);
});

test.each(['text/html', 'image/svg+xml', ''])('what is no picture (%j) is not', async (type) => {
  expect((await serve(path, type)).response?.status).toBe(404);
});

test('only GET, and only this route', async () => {
  const post = new Request(`https://roost.test${path}`, { method: 'POST' });
  expect((await serve(post)).response?.status).toBe(404);
  expect((await serve('/_bridge/discord/other')).response).toBeUndefined();
});

test('only content URIs have a path', () => {
  expect(avatarPath(key, 'https://x.test/y')).toBeUndefined();
});
