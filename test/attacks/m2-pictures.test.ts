import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { projectDir } from '../../config/local.ts';
import { ask, Person } from './lib/attacker.ts';
import { target } from './lib/target.ts';

/** M2: pictures that would be large, many, or something else, if anybody decoded them. */
const { url, serverName } = target;
let mallory: Person;
const { pictures } = JSON.parse(
  readFileSync(path.join(projectDir, 'test/vectors/pictures.json'), 'utf8'),
) as { pictures: { name: string; base64: string }[] };

beforeAll(async () => {
  mallory = await Person.register(url, 'm2-mallory');
});

async function thumbnailOf(bytes: Uint8Array, contentType: string) {
  const { body } = await ask(url, 'POST', '/_matrix/media/v3/upload', {
    token: mallory.accessToken,
    raw: Uint8Array.from(bytes),
    headers: { 'content-type': contentType },
  });
  const mediaId = String(body.content_uri).split('/').at(-1);
  const query = 'width=96&height=96&method=crop&animated=true';
  const answer = await ask(
    url,
    'GET',
    `/_matrix/client/v1/media/thumbnail/${serverName}/${mediaId}?${query}`,
    { token: mallory.accessToken },
  );
  return [answer.status, answer.body.errcode];
}

function pngHeader(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([8, 6], 24);
  return bytes;
}

test.each([
  [50_000, 50_000],
  [2_147_483_647, 1],
  [1, 2_147_483_647],
])('M2: a picture of %d × %d pixels in a small file is refused', async (width, height) => {
  const [status, errcode] = await thumbnailOf(pngHeader(width, height), 'image/png');
  expect([400, 413]).toContain(status);
  expect(['M_TOO_LARGE', 'M_UNKNOWN']).toContain(errcode);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a picture without pixels', pngHeader(0, 0)],
  ['a header alone', pngHeader(400, 400)],
  ['zeros in gzip', gzipSync(Buffer.alloc(5_000_000))],
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['an archive', Buffer.from('PK\u0003\u0004', 'latin1')],
])('M2: %s that calls itself a picture is none', async (_, bytes) => {
  for (const contentType of ['image/png', 'image/gif', 'image/webp', 'image/jpeg']) {
    expect((await thumbnailOf(bytes, contentType))[0]).toBe(400);
  }
});

test('M2: pictures that are cut anywhere are refused or shrunk, and the server goes on', async () => {
  for (const { base64 } of pictures) {
    const whole = Buffer.from(base64, 'base64');
    for (const part of [0.1, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.byteLength * part));
      expect([200, 400, 413]).toContain((await thumbnailOf(cut, 'image/webp'))[0]);
    }
  }
  expect((await mallory.call('GET', '/v3/account/whoami')).status).toBe(200);
});
