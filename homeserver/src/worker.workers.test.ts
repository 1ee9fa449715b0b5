import { env, exports } from 'cloudflare:workers';
import { expect, test } from 'vitest';

const get = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(new Request(`https://roost.test${path}`, init));

test('runs in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
  expect((env as { SERVER_NAME: string }).SERVER_NAME).toBe('roost.test');
});

test('versions are told, unknown paths are 404, wrong methods 405, all in JSON with CORS', async () => {
  const versions = await get('/_matrix/client/versions');
  expect(versions.status).toBe(200);
  expect(versions.headers.get('access-control-allow-origin')).toBe('*');

  const missing = await get('/_matrix/client/v3/nothing');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });

  const wrong = await get('/_matrix/client/versions', { method: 'POST' });
  expect(wrong.status).toBe(405);
  expect(await wrong.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
});

test('whom to turn to is told only if the owner says so', async () => {
  const support = await get('/.well-known/matrix/support');
  expect(support.status).toBe(404);
  expect(await support.json()).toMatchObject({ errcode: 'M_NOT_FOUND' });
});
