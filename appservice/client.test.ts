import { expect, test } from 'vitest';
import { AppserviceClient } from './client.ts';
import { MatrixApiError } from './matrix-api-error.ts';

interface Seen {
  url: URL;
  init: RequestInit;
}

function clientWith(answer: (seen: Seen) => Response | Promise<Response>, timeoutMs = 5_000) {
  const seen: Seen[] = [];
  const client = new AppserviceClient({
    homeserverUrl: 'https://roost.test/',
    asToken: 'as-secret',
    timeoutMs,
    fetch: async (url, init) => {
      const call = { url: new URL(url), init };
      seen.push(call);
      return answer(call);
    },
  });
  return { client, seen };
}

const sent = () => Response.json({ event_id: '$event' });

test('a message goes to the spec path, as the ghost, dated, with the token in the header only', async () => {
  const { client, seen } = clientWith(sent);
  const eventId = await client
    .asUser('@slack_u1:roost.test')
    .sendMessage('!room:roost.test', 'm.room.message', 'team/1 2', { body: 'x' }, { ts: 12 });
  expect(eventId).toBe('$event');
  const [call] = seen;
  expect(call?.init.method).toBe('PUT');
  expect(call?.url.pathname).toBe(
    '/_matrix/client/v3/rooms/!room%3Aroost.test/send/m.room.message/team%2F1%202',
  );
  expect(Object.fromEntries(call?.url.searchParams ?? [])).toEqual({
    ts: '12',
    user_id: '@slack_u1:roost.test',
  });
  expect(new Headers(call?.init.headers).get('authorization')).toBe('Bearer as-secret');
  expect(call?.url.href).not.toContain('as-secret');
  expect(call?.init.redirect).toBe('manual');
  expect(JSON.parse(String(call?.init.body))).toEqual({ body: 'x' });
});

test('registering a ghost that exists is success, any other refusal is an error', async () => {
  const taken = clientWith(() =>
    Response.json({ errcode: 'M_USER_IN_USE', error: 'taken' }, { status: 400 }),
  );
  await expect(taken.client.register('slack_u1')).resolves.toBeUndefined();
  const foreign = clientWith(() => Response.json({ errcode: 'M_EXCLUSIVE', error: 'no' }, { status: 400 }));
  await expect(foreign.client.register('someone')).rejects.toMatchObject({ errcode: 'M_EXCLUSIVE' });
});

test('errors are typed: status, errcode, retry time, and whether to try again', async () => {
  const limited = clientWith(() =>
    Response.json({ errcode: 'M_LIMIT_EXCEEDED', error: 'slow', retry_after_ms: 1500 }, { status: 429 }),
  );
  await expect(limited.client.getTokenOwner()).rejects.toMatchObject({
    status: 429,
    errcode: 'M_LIMIT_EXCEEDED',
    retryAfterMs: 1500,
    isTransient: true,
  });
  const proxy = clientWith(() => new Response('<html>502</html>', { status: 502 }));
  await expect(proxy.client.getTokenOwner()).rejects.toMatchObject({ status: 502, errcode: 'M_UNKNOWN' });
  const redirect = clientWith(() => new Response(null, { status: 302, headers: { location: 'https://x' } }));
  await expect(redirect.client.getTokenOwner()).rejects.toMatchObject({ status: 302, isTransient: false });
});

test('an answer that never comes ends as a timeout, a broken connection as a failure', async () => {
  const hanging = clientWith(
    ({ init }) =>
      new Promise((_, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      }),
    1,
  );
  await expect(hanging.client.getTokenOwner()).rejects.toMatchObject({
    status: 0,
    errcode: 'M_CONNECTION_TIMEOUT',
  });
  const broken = clientWith(() => Promise.reject(new TypeError('connection reset')));
  await expect(broken.client.getTokenOwner()).rejects.toMatchObject({ errcode: 'M_CONNECTION_FAILED' });
});

test('an answer of another shape than the specification has is an error, not a value', async () => {
  const { client } = clientWith(() => Response.json({ event_id: 7 }));
  const failure = client.sendMessage('!r:x.test', 'm.room.message', '1', {});
  await expect(failure).rejects.toBeInstanceOf(MatrixApiError);
  await expect(failure).rejects.toMatchObject({ errcode: 'M_NOT_JSON' });
});

test('state that does not exist is undefined, state that may not be read is an error', async () => {
  const absent = clientWith(() => Response.json({ errcode: 'M_NOT_FOUND', error: 'no' }, { status: 404 }));
  expect(await absent.client.getRoomStateWithKey('!r:x.test', 'm.room.name', '')).toBeUndefined();
  const denied = clientWith(() => Response.json({ errcode: 'M_FORBIDDEN', error: 'no' }, { status: 403 }));
  await expect(denied.client.getRoomStateWithKey('!r:x.test', 'm.room.name', '')).rejects.toMatchObject({
    status: 403,
  });
});

test('uploads carry type and name, downloads are authenticated', async () => {
  const upload = clientWith(() => Response.json({ content_uri: 'mxc://roost.test/abc' }));
  const mxc = await upload.client.uploadContent({
    body: new Uint8Array([1, 2]),
    contentType: 'image/png',
    fileName: 'a b.png',
  });
  expect(mxc).toBe('mxc://roost.test/abc');
  expect(upload.seen[0]?.url.href).toBe('https://roost.test/_matrix/media/v3/upload?filename=a+b.png');
  expect(new Headers(upload.seen[0]?.init.headers).get('content-type')).toBe('image/png');

  const download = clientWith(() => new Response('bytes'));
  expect(await (await download.client.getContentAuthed(mxc)).text()).toBe('bytes');
  expect(download.seen[0]?.url.pathname).toBe('/_matrix/client/v1/media/download/roost.test/abc');
  await expect(download.client.getContentAuthed('mxc://roost.test/../x')).rejects.toMatchObject({
    errcode: 'M_INVALID_PARAM',
  });
});

test('a download that is redirected is fetched there without the token, and not from private addresses', async () => {
  const moved = (location: string) => () => new Response(null, { status: 307, headers: { location } });
  const followed: string[] = [];
  const client = new AppserviceClient({
    homeserverUrl: 'https://roost.test',
    asToken: 'as-secret',
    fetch: async () => moved('https://cdn.test/file?signed')(),
    fetchRedirected: async (url) => {
      followed.push(url);
      return new Response('bytes');
    },
  });
  expect(await (await client.getContentAuthed('mxc://roost.test/abc')).text()).toBe('bytes');
  expect(followed).toEqual(['https://cdn.test/file?signed']);
  const inward = clientWith(moved('http://169.254.169.254/latest'));
  await expect(inward.client.getContentAuthed('mxc://roost.test/abc')).rejects.toMatchObject({ status: 0 });
  expect(inward.seen).toHaveLength(1);
});

test('several servers to join through become several parameters, beside the ghost', async () => {
  const { client, seen } = clientWith(() => Response.json({ room_id: '!r:x.test' }));
  await client.asUser('@g:roost.test').joinRoom('#a:x.test', ['one.test', 'two.test']);
  expect(seen[0]?.url.searchParams.getAll('via')).toEqual(['one.test', 'two.test']);
  expect(seen[0]?.url.searchParams.get('user_id')).toBe('@g:roost.test');
});
