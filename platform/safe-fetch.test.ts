import { expect, test } from 'vitest';
import { readBytes, type SafeFetchOptions, safeFetch } from './safe-fetch.ts';

interface Seen {
  url: string;
  init: RequestInit;
}

/** Answers by URL; an address that is not in the table must not be asked. */
function network(answers: Record<string, () => Response | Promise<Response>>) {
  const seen: Seen[] = [];
  const go = (url: string, more: Partial<SafeFetchOptions> = {}) =>
    safeFetch(url, {
      timeoutMs: 1_000,
      maxBytes: 1_000,
      ...more,
      fetch: async (target, init) => {
        seen.push({ url: target, init });
        const answer = answers[target];
        if (!answer) throw new Error(`${target} was asked`);
        return answer();
      },
    });
  return { seen, go };
}

const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } });

test('an answer comes through, whatever its status', async () => {
  const { go, seen } = network({ 'https://a.test/x': () => new Response('no', { status: 404 }) });
  const response = await go('https://a.test/x#part');
  expect(response.status).toBe(404);
  expect(Buffer.from(await readBytes(response)).toString()).toBe('no');
  expect(seen[0]?.init.redirect).toBe('manual');
});

test.each([
  'ftp://a.test/',
  'file:///etc/passwd',
  'https://user:secret@a.test/',
  'http://127.0.0.1:8080/',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0x7f.1/',
  'https://localhost/',
  'https://db.internal/',
  'not a url',
])('F15, M5, R11: %s is refused unasked', async (url) => {
  const { go, seen } = network({});
  await expect(go(url)).rejects.toMatchObject({ name: 'SafeFetchError', reason: 'refused' });
  expect(seen).toEqual([]);
});

test('redirects are followed, and each is checked as the first URL was', async () => {
  const { go, seen } = network({
    'https://a.test/': () => redirect('/next'),
    'https://a.test/next': () => redirect('https://b.test/', 308),
    'https://b.test/': () => new Response('there'),
    'https://evil.test/': () => redirect('http://169.254.169.254/latest/'),
    'https://evil.test/scheme': () => redirect('javascript:alert(1)'),
  });
  expect(await (await go('https://a.test/')).text()).toBe('there');
  expect(seen).toHaveLength(3);
  await expect(go('https://evil.test/')).rejects.toMatchObject({ reason: 'refused' });
  await expect(go('https://evil.test/scheme')).rejects.toMatchObject({ reason: 'refused' });
});

test('a redirect loop ends', async () => {
  const { go, seen } = network({ 'https://a.test/': () => redirect('https://a.test/') });
  await expect(go('https://a.test/')).rejects.toMatchObject({ message: 'too many redirects' });
  expect(seen).toHaveLength(4);
  await expect(go('https://a.test/', { maxRedirects: 0 })).rejects.toMatchObject({ reason: 'refused' });
  expect(seen).toHaveLength(5);
});

test('credentials stay with the origin they were meant for', async () => {
  const { go, seen } = network({
    'https://a.test/': () => redirect('https://a.test/same'),
    'https://a.test/same': () => redirect('https://a.test:444/'),
    'https://a.test:444/': () => new Response(),
  });
  await go('https://a.test/', {
    headers: { authorization: 'secret', 'x-key': 'secret', accept: 'text/html' },
  });
  const sent = seen.map(({ init }) => Object.fromEntries(new Headers(init.headers)));
  expect(sent).toEqual([
    { authorization: 'secret', 'x-key': 'secret', accept: 'text/html' },
    { authorization: 'secret', 'x-key': 'secret', accept: 'text/html' },
    { accept: 'text/html' },
  ]);
});

test('a body is not repeated to another origin', async () => {
  const { go, seen } = network({
    'https://a.test/moved': () => redirect('https://b.test/', 307),
    'https://a.test/seeother': () => redirect('https://b.test/', 303),
    'https://b.test/': () => new Response(),
  });
  const post = { method: 'POST', body: 'secret', headers: { 'content-type': 'text/plain' } } as const;
  await expect(go('https://a.test/moved', post)).rejects.toMatchObject({ reason: 'refused' });
  await go('https://a.test/seeother', post);
  expect(seen.at(-1)?.init.method).toBe('GET');
  expect(seen.at(-1)?.init.body).toBeUndefined();
  expect([...new Headers(seen.at(-1)?.init.headers)]).toEqual([]);
});

test('M3: an endless body is cut off, whatever length it claims', async () => {
  let pulled = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(400));
        },
      }),
      { headers: { 'content-length': '10' } },
    );
  const { go } = network({ 'https://a.test/': endless });
  const response = await go('https://a.test/');
  await expect(readBytes(response)).rejects.toMatchObject({ reason: 'too_large' });
  expect(pulled).toBeLessThan(10);
});

test('a host that does not answer is given up, a broken connection told', async () => {
  const hanging = (signal: AbortSignal | null | undefined) =>
    new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const slow = safeFetch('https://a.test/', {
    timeoutMs: 1,
    maxBytes: 10,
    fetch: (_, { signal }) => hanging(signal),
  });
  await expect(slow).rejects.toMatchObject({ reason: 'timed_out' });
  const { go } = network({ 'https://a.test/': () => Promise.reject(new TypeError('reset')) });
  await expect(go('https://a.test/')).rejects.toMatchObject({ reason: 'failed' });
});

test('a local run may open loopback and hosts by name, and nothing else', async () => {
  const { go } = network({
    'http://127.0.0.1:9/': () => new Response('local'),
    'http://hs2:8448/': () => new Response('mapped'),
  });
  expect(await (await go('http://127.0.0.1:9/', { allowLoopback: true })).text()).toBe('local');
  expect(await (await go('http://hs2:8448/', { allowedHosts: ['hs2'] })).text()).toBe('mapped');
  await expect(go('http://10.0.0.1/', { allowLoopback: true })).rejects.toMatchObject({ reason: 'refused' });
  await expect(go('http://hs3/', { allowedHosts: ['hs2'] })).rejects.toMatchObject({ reason: 'refused' });
});
