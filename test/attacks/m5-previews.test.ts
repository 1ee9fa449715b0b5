import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Roost } from '../harness/roost.ts';
import { ask, Person } from './lib/attacker.ts';

/** M5: pages whose description would lead into this machine, or take for ever. */
let site: Server;
/** What must not be reached: it listens on this machine, under another address. */
let inside: Server;
let siteUrl: string;
let insidePort: number;
let roost: Roost;
let mallory: Person;
const reached: string[] = [];
const nested = `${'<div>'.repeat(100_000)}<title>deep</title>`;

const portOf = (server: Server) => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};
const listening = (server: Server, host: string) =>
  new Promise<void>((resolve) => server.listen(0, host, resolve));

beforeAll(async () => {
  inside = createServer((request, response) => {
    reached.push(request.url ?? '');
    response.setHeader('content-type', 'text/html').end('<title>marker-inside</title>');
  });
  await listening(inside, '127.0.0.2');
  insidePort = portOf(inside);
  site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://site');
    response.setHeader('content-type', 'text/html');
    switch (pathname) {
      case '/to':
        response.writeHead(302, { location: searchParams.get('url') ?? '' }).end();
        return;
      case '/again':
        response.writeHead(302, { location: '/again' }).end();
        return;
      case '/nested':
        response.end(nested);
        return;
      case '/endless': {
        response.write('<title>endless</title>');
        const more = () => {
          while (response.writable && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
        return;
      }
      case '/oembed': {
        const address = searchParams.get('url') ?? '';
        response.end(`<title>page</title><link rel="alternate" type="application/json+oembed" href="${address}">
          <meta property="og:image" content="${address}">`);
        return;
      }
      default:
        response.end('<title>plain</title>');
    }
  });
  await listening(site, '127.0.0.1');
  siteUrl = `http://127.0.0.1:${portOf(site)}`;
  // The one private address that the owner allows is where the attacker's pages are; all others stay shut.
  roost = await Roost.start({ env: { URL_PREVIEWS: 'on', URL_PREVIEW_HOSTS: '["127.0.0.1"]' } });
  mallory = await Person.register(roost.url, 'm5-mallory');
}, 60_000);

afterAll(async () => {
  site?.closeAllConnections();
  site?.close();
  inside?.close();
  await roost?.stopAndRemove();
});

const preview = (address: string) =>
  ask(roost.url, 'GET', `/_matrix/client/v1/media/preview_url?url=${encodeURIComponent(address)}`, {
    token: mallory.accessToken,
  });

const insideNames = () => [
  `http://127.0.0.2:${insidePort}/`,
  `http://2130706434:${insidePort}/`,
  `http://0x7f000002:${insidePort}/`,
  `http://127.2:${insidePort}/`,
  `http://[::ffff:127.0.0.2]:${insidePort}/`,
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[fd00::1]/',
  'file:///etc/passwd',
  'gopher://127.0.0.2:70/',
];

test('M5: an address inside is refused, also at the end of a redirect', async () => {
  for (const address of insideNames()) {
    for (const asked of [address, `${siteUrl}/to?url=${encodeURIComponent(address)}`]) {
      const { status, text } = await preview(asked);
      expect({ asked, isRefused: status >= 400, text }).toMatchObject({ asked, isRefused: true });
      expect(text).not.toContain('marker-');
    }
  }
  expect(reached).toEqual([]);
});

test('M5: what a page points at is fetched by the same rules', async () => {
  for (const address of insideNames()) {
    const { status, body } = await preview(`${siteUrl}/oembed?url=${encodeURIComponent(address)}`);
    expect(status).toBe(200);
    expect(body['og:title']).toBe('page');
    expect(body).not.toHaveProperty('og:image');
  }
  expect(reached).toEqual([]);
});

test('M5: redirects without end, a page without end and one without bottom are ended', async () => {
  expect((await preview(`${siteUrl}/again`)).status).toBe(502);
  expect((await preview(`${siteUrl}/endless`)).body['og:title']).toBe('endless');
  expect([200, 502]).toContain((await preview(`${siteUrl}/nested`)).status);
  expect((await preview(`${siteUrl}/`)).body['og:title']).toBe('plain');
});
