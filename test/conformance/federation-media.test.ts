import { describe, expect } from 'vitest';
import { shared, test, testAnswersOf } from './lib/conformance-test.ts';
import { homeserver, usersOnServers } from './lib/federation/homeserver.ts';
import { TestServer } from './lib/federation/test-server.ts';
import { type Answer, call } from './lib/http.ts';
import { dispositionOf, pathOf } from './lib/media.ts';
import { imageOf, png } from './lib/png.ts';
import type { User } from './lib/user.ts';

/** Alice uploads on one server, Bob reads on another. */
const setting = shared(() => usersOnServers('alice', 'bob'));

async function upload(user: User, raw: Uint8Array, contentType: string, filename?: string): Promise<string> {
  const answer = await call<{ content_uri: string }>('POST', '/_matrix/media/v3/upload', {
    at: user.at,
    token: user.accessToken,
    raw,
    contentType,
    ...(filename === undefined ? {} : { query: { filename } }),
  });
  return answer.body.content_uri;
}

const suffixOf = (filename?: string) => (filename === undefined ? '' : `/${encodeURIComponent(filename)}`);

function download(user: User, uri: string, filename?: string): Promise<Answer> {
  const path = `/v1/media/download/${pathOf(uri)}${suffixOf(filename)}`;
  return call('GET', path, { at: user.at, token: user.accessToken });
}

/** By the former endpoint, which servers may have closed for what came after there was another. */
async function downloadFormerly(user: User, uri: string, filename?: string): Promise<Answer | undefined> {
  const path = `/_matrix/media/v3/download/${pathOf(uri)}${suffixOf(filename)}`;
  const answer = await call('GET', path, { at: user.at });
  if (answer.status !== 404) return answer;
  expect(answer.body.errcode).toBe('M_NOT_FOUND');
  return undefined;
}

test('TestContentMediaV1', async () => {
  const [alice, bob] = await setting();
  const bytes = Buffer.from('Hello from the other side');
  const uri = await upload(alice, bytes, 'text/plain');
  const answer = await download(bob, uri);
  expect([answer.status, Buffer.from(answer.bytes).toString()]).toEqual([200, bytes.toString()]);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  const former = await downloadFormerly(bob, uri);
  if (former) expect(former.bytes).toEqual(answer.bytes);
});

describe('TestMediaFilenames', () => {
  const names = ['ascii', 'name with spaces', 'name;with;semicolons', 'n\u00e1me \ud83d\udc94'];

  for (const filename of names) {
    test(`Can download file '${filename}' over federation via /_matrix/client/v1/media/download`, async () => {
      const [alice, bob] = await setting();
      const uri = await upload(alice, Buffer.from('x'), 'image/png', filename);
      expect(dispositionOf(await download(bob, uri)).filename).toBe(filename);
      expect(dispositionOf(await download(bob, uri, 'other name')).filename).toBe('other name');
    });

    test(`Can download file '${filename}' over federation`, async () => {
      const [alice, bob] = await setting();
      const uri = await upload(alice, Buffer.from('y'), 'image/png', filename);
      const former = await downloadFormerly(bob, uri);
      if (former) expect(dispositionOf(former).filename).toBe(filename);
    });
  }

  test('Will serve safe media types as inline, and unsafe ones as attachments, over federation', async () => {
    const [alice, bob] = await setting();
    for (const [contentType, disposition] of [
      ['image/png', 'inline'],
      ['text/plain; charset=utf-8', 'inline'],
      ['text/html', 'attachment'],
      ['image/svg+xml', 'attachment'],
    ] as const) {
      const uri = await upload(alice, Buffer.from(contentType), contentType, 'name');
      expect(dispositionOf(await download(bob, uri)), contentType).toEqual({
        type: disposition,
        filename: 'name',
      });
    }
  });
});

describe('TestMediaWithoutFileNameCSMediaV1', () => {
  test('Can download without a file name over federation', async () => {
    const [alice, bob] = await setting();
    const uri = await upload(alice, Buffer.from('nameless'), 'application/octet-stream');
    const answer = await download(bob, uri);
    expect([answer.status, Buffer.from(answer.bytes).toString()]).toEqual([200, 'nameless']);
    expect(dispositionOf(answer).filename).toBeUndefined();
  });
});

describe('TestMediaWithoutFileName', () => {
  test('Can download without a file name over federation', async () => {
    const [alice, bob] = await setting();
    const uri = await upload(alice, Buffer.from('nameless, too'), 'application/octet-stream');
    const former = await downloadFormerly(bob, uri);
    if (former) expect(Buffer.from(former.bytes).toString()).toBe('nameless, too');
    expect((await download(bob, uri)).status).toBe(200);
  });
});

describe('TestRemotePngThumbnail', () => {
  const query = { width: 32, height: 32, method: 'scale' };
  const expectSmall = (answer: Answer) => {
    const { width, height } = imageOf(answer.bytes);
    // It may be larger than asked for.
    expect([answer.status, width < 640, height < 480]).toEqual([200, true, true]);
  };

  test('test /_matrix/client/v1/media endpoint', async () => {
    const [alice, bob] = await setting();
    const uri = await upload(alice, png(640, 480), 'image/png');
    const path = `/v1/media/thumbnail/${pathOf(uri)}`;
    expectSmall(await call('GET', path, { at: bob.at, token: bob.accessToken, query }));
  });

  test('test /_matrix/media/v3 endpoint', async () => {
    const [alice, bob] = await setting();
    const uri = await upload(alice, png(641, 480), 'image/png');
    const answer = await call('GET', `/_matrix/media/v3/thumbnail/${pathOf(uri)}`, { at: bob.at, query });
    if (answer.status === 404) expect(answer.body.errcode).toBe('M_NOT_FOUND');
    else expectSmall(answer);
  });
});

test('TestFederationThumbnail', async () => {
  const [alice] = await setting();
  const [hs1, server] = [await homeserver('hs1'), await TestServer.start()];
  const uri = await upload(alice, png(640, 480), 'image/png');
  const [, mediaId = ''] = pathOf(uri).split('/');
  const path = `/_matrix/federation/v1/media/thumbnail/${mediaId}?method=scale&width=32&height=32`;
  const authorization = server.server.authorization({ method: 'GET', path, destination: hs1.serverName });
  const response = await fetch(hs1.url + path, { headers: { authorization } });
  expect(response.status).toBe(200);
  const boundary = /^multipart\/mixed; *boundary="?([^";]+)"?/.exec(
    response.headers.get('content-type') ?? '',
  )?.[1];
  expect(boundary).toBeDefined();
  const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
  const [, first = '', second = '', end] = body.split(`--${boundary}`);
  const [, json = ''] = first.split('\r\n\r\n');
  expect(first.toLowerCase()).toContain('content-type: application/json');
  expect(JSON.parse(json)).toEqual({});
  const picture = second.slice(second.indexOf('\r\n\r\n') + 4, -2);
  expect(second.toLowerCase()).toMatch(/content-type: image\//);
  const { width, height } = imageOf(new Uint8Array(Buffer.from(picture, 'latin1')));
  expect([width >= 32, width < 640, height < 480]).toEqual([true, true, true]);
  expect(end?.startsWith('--')).toBe(true);
  const unsigned = await fetch(hs1.url + path);
  expect(unsigned.status).toBe(401);
  await server.stop();
});

testAnswersOf('federation_media_content and media over federation');
