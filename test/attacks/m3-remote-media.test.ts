import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, inParallel, Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/**
 * M3: whoever has an account tries to have the server fetch media from where they choose. What servers answer that
 * are asked is tried in `m3-hostile-servers.test.ts`.
 */
const { url } = target;
let mallory: Person;
let elsewhere: Server;
let host: string;
/** What the server that Mallory has set up was asked. */
const asked: string[] = [];

beforeAll(async () => {
  mallory = await Person.register(url, 'm3-mallory');
  elsewhere = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const address = elsewhere.address();
  host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => elsewhere?.close());

test('M3: media of a server of one’s own, of this machine or of nowhere are not to be had', async () => {
  const servers = [
    host,
    `localhost:${host.split(':')[1]}`,
    '[::1]:80',
    '169.254.169.254',
    'nowhere.invalid',
    '',
  ];
  const paths = servers.flatMap((server) => {
    const name = encodeURIComponent(server);
    return [
      `/_matrix/client/v1/media/download/${name}/abc`,
      `/_matrix/client/v1/media/download/${name}/abc/name.txt`,
      `/_matrix/client/v1/media/thumbnail/${name}/abc?width=32&height=32`,
      `/_matrix/media/v3/download/${name}/abc?allow_remote=true&allow_redirect=true`,
      `/_matrix/media/v3/thumbnail/${name}/abc?width=32&height=32&allow_remote=true`,
    ];
  });
  const wrong: string[] = [];
  await inParallel(paths, async (path) => {
    const { status, body } = await ask(url, 'GET', `${path}${path.includes('?') ? '&' : '?'}timeout_ms=0`, {
      token: mallory.accessToken,
    });
    const isRefused = status === 404 && ['M_NOT_FOUND', 'M_UNRECOGNIZED'].includes(body.errcode);
    // A server that is looked for and not found.
    if (!isRefused && status !== 502 && status !== 504) wrong.push(`${path}: ${status}`);
  });
  expect(wrong).toEqual([]);
  expect(asked).toEqual([]);
});

test('M3: who shows no token has nothing fetched', async () => {
  for (const path of ['download', 'thumbnail']) {
    const former = await ask(url, 'GET', `/_matrix/media/v3/${path}/${host}/abc?width=32&height=32`);
    expect([former.status, former.body.errcode]).toEqual([404, 'M_NOT_FOUND']);
  }
  expect(asked).toEqual([]);
});
