import { env } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { fetchRaw, makeTables } from '../../../../test/harness/homeserver-worker.ts';
import vectors from '../../../../test/vectors/pictures.json' with { type: 'json' };
import type { Env } from '../../env.ts';
import { readImageHeader } from '../../services/image-header.ts';
import { ImagesThumbnailer } from '../../services/thumbnailer.ts';

const { MEDIA } = env as unknown as Env;
const authorization = 'Bearer test-as-token';

beforeAll(makeTables);
afterEach(() => vi.restoreAllMocks());

const picture = (name: string) => {
  const found = vectors.pictures.find((one) => one.name === name);
  if (!found) throw new Error(`no picture ${name}`);
  return { ...found, bytes: new Uint8Array(Buffer.from(found.base64, 'base64')) };
};

async function upload(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<string> {
  const headers = { authorization, 'content-type': contentType };
  const response = await fetchRaw('/_matrix/media/v3/upload', { method: 'POST', headers, body: bytes });
  const { content_uri } = (await response.json()) as { content_uri: string };
  return content_uri.slice('mxc://roost.test/'.length);
}

const ask = (mediaId: string, query: string, headers: Record<string, string> = {}) =>
  fetchRaw(`/_matrix/client/v1/media/thumbnail/roost.test/${mediaId}?${query}`, {
    headers: { authorization, ...headers },
  });

async function sizeOf(response: Response) {
  expect(response.status).toBe(200);
  const header = readImageHeader(new Uint8Array(await response.arrayBuffer()));
  expect(header?.contentType).toBe(response.headers.get('content-type'));
  return header && [header.contentType, header.width, header.height];
}

async function refusal(response: Response) {
  return [response.status, ((await response.json()) as { errcode: string }).errcode];
}

const variants = async () => (await MEDIA.list({ prefix: 'variants/' })).objects.map(({ key }) => key);

/** A picture of one colour and any extent, so small that a decoder unpacks a thousand times its length. */
function plainPng(width: number, height: number, rows = height): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.byteLength);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]),
  );
}

test.each([
  ['JPEG', 'scale', ['image/jpeg', 320, 240]],
  ['JPEG', 'crop', ['image/jpeg', 320, 320]],
  ['JPEG that is to be turned', 'scale', ['image/jpeg', 180, 240]],
  ['progressive JPEG', 'scale', ['image/jpeg', 320, 240]],
  ['PNG', 'scale', ['image/png', 320, 240]],
  ['PNG with transparency', 'scale', ['image/png', 320, 240]],
  ['GIF', 'scale', ['image/png', 320, 240]],
  ['moving GIF', 'scale', ['image/png', 320, 240]],
  ['lossy WebP', 'scale', ['image/webp', 320, 240]],
  ['WebP with transparency', 'scale', ['image/webp', 320, 240]],
  ['moving WebP', 'scale', ['image/webp', 320, 240]],
] as const)('TestLocalPngThumbnail: a %s by %s', async (name, method, expected) => {
  const { bytes, contentType } = picture(name);
  const mediaId = await upload(bytes, contentType);
  const [width, height] = method === 'crop' ? [300, 300] : [320, 240];
  const response = await ask(mediaId, `width=${width}&height=${height}&method=${method}`);
  const wanted = method === 'crop' ? [expected[0], 300, 300] : expected;
  expect(response.headers.get('content-disposition')).toBe('inline');
  expect(response.headers.get('content-security-policy')).toContain('sandbox');
  expect(await sizeOf(response)).toEqual(wanted);
});

test('a thumbnail is made once, whoever asks and however many at a time, and is told to be known', async () => {
  const shrink = vi.spyOn(ImagesThumbnailer.prototype, 'shrink');
  const bytes = plainPng(401, 301);
  const [one, same] = [await upload(bytes, 'image/png'), await upload(bytes, 'image/png')];
  const query = 'width=90&height=90&method=crop';
  const answers = await Promise.all([one, same, one, same].map((mediaId) => ask(mediaId, query)));
  for (const answer of answers) expect(await sizeOf(answer)).toEqual(['image/png', 96, 96]);
  const later = await ask(one, 'width=96&height=33&method=crop');
  const etag = later.headers.get('etag') ?? '';
  expect(await sizeOf(later)).toEqual(['image/png', 96, 96]);
  expect(shrink).toHaveBeenCalledTimes(1);
  const hash = createHash('sha256').update(bytes).digest('base64url');
  expect(await variants()).toContain(`variants/${hash}/96x96-crop`);
  expect((await ask(one, query, { 'if-none-match': etag })).status).toBe(304);
});

test('a picture that fits is its own thumbnail, of the type that it has', async () => {
  const shrink = vi.spyOn(ImagesThumbnailer.prototype, 'shrink');
  const { bytes } = picture('small PNG');
  const response = await ask(await upload(bytes, 'image/jpeg'), 'width=32&height=32&method=crop');
  expect(await sizeOf(response)).toEqual(['image/png', 20, 20]);
  expect(shrink).not.toHaveBeenCalled();
});

test.each(['moving GIF', 'moving WebP'])('a %s moves for those who ask for that only', async (name) => {
  const { bytes, contentType } = picture(name);
  const mediaId = await upload(bytes, contentType);
  const moving = await ask(mediaId, 'width=96&height=96&animated=true');
  expect((await moving.arrayBuffer()).byteLength).toBe(bytes.byteLength);
  const still = new Uint8Array(await (await ask(mediaId, 'width=96&height=96')).arrayBuffer());
  expect(readImageHeader(still)).toMatchObject({ width: 320, height: 240 });
  const plain = await ask(
    await upload(picture('GIF').bytes, 'image/gif'),
    'width=96&height=96&animated=true',
  );
  expect(await sizeOf(plain)).toEqual(['image/png', 320, 240]);
});

test('without a codec pictures are answered in their own size; what moves and cannot be cut is not', async () => {
  vi.spyOn(ImagesThumbnailer.prototype, 'shrink').mockResolvedValue({ kind: 'unavailable' });
  const before = await variants();
  const answer = async (name: string) => {
    const { bytes, contentType } = picture(name);
    const longer = new Uint8Array([...bytes, 0]);
    return ask(await upload(longer, contentType), 'width=32&height=32&method=crop');
  };
  expect(await sizeOf(await answer('PNG'))).toEqual(['image/png', 400, 300]);
  expect(await sizeOf(await answer('moving GIF'))).toEqual(['image/gif', 400, 300]);
  expect(await refusal(await answer('moving WebP'))).toEqual([400, 'M_UNKNOWN']);
  expect(await variants()).toEqual(before);
});

test('M2: a picture of 50,000 × 50,000 pixels is refused before anything decodes it', async () => {
  const shrink = vi.spyOn(ImagesThumbnailer.prototype, 'shrink');
  const mediaId = await upload(plainPng(50_000, 50_000, 10), 'image/png');
  expect(await refusal(await ask(mediaId, 'width=32&height=32'))).toEqual([413, 'M_TOO_LARGE']);
  const thin = await upload(plainPng(60_000, 1), 'image/png');
  expect(await refusal(await ask(thin, 'width=32&height=32'))).toEqual([413, 'M_TOO_LARGE']);
  expect(shrink).not.toHaveBeenCalled();
});

test('M2: a large picture in a small file is shrunk', async () => {
  const mediaId = await upload(plainPng(8000, 7000), 'image/png');
  expect(await sizeOf(await ask(mediaId, 'width=320&height=240'))).toEqual(['image/png', 274, 240]);
});

test('M2: of a GIF of ten thousand frames the codec sees one', async () => {
  vi.spyOn(ImagesThumbnailer.prototype, 'shrink').mockImplementation(async (body) => {
    return {
      kind: 'made',
      contentType: 'image/gif',
      bytes: new Uint8Array(await new Response(body).arrayBuffer()),
    };
  });
  const { bytes } = picture('moving GIF');
  const frame = Buffer.from('2c0000000001000100000202440100', 'hex');
  const frames = [...new Array<Uint8Array>(10_000).fill(frame), Buffer.from([0x3b])];
  const gif = new Uint8Array(Buffer.concat([bytes.subarray(0, -1), ...frames]));
  const response = await ask(await upload(gif, 'image/gif'), 'width=32&height=32&method=crop');
  expect((await response.arrayBuffer()).byteLength).toBeLessThan(bytes.byteLength);
});

test('M2: what is cut, damaged or something else is refused, and not tried again', async () => {
  const shrink = vi.spyOn(ImagesThumbnailer.prototype, 'shrink');
  const { bytes } = picture('JPEG');
  const cut = await upload(bytes.slice(0, 700), 'image/jpeg');
  for (let asked = 0; asked < 3; asked++) {
    expect(await refusal(await ask(cut, 'width=32&height=32'))).toEqual([400, 'M_UNKNOWN']);
  }
  expect(shrink).toHaveBeenCalledTimes(1);
  for (const [text, type] of [
    ['pixels', 'image/png'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/png'],
    ['%PDF-1.7', 'image/jpeg'],
    ['text', 'text/plain'],
    ['', 'image/png'],
  ] as const) {
    const mediaId = await upload(new Uint8Array(Buffer.from(text)), type);
    expect(await refusal(await ask(mediaId, 'width=32&height=32'))).toEqual([400, 'M_UNKNOWN']);
  }
  expect(shrink).toHaveBeenCalledTimes(1);
});

test('M2: of a file that is two things nothing of the second is left', async () => {
  const script = Buffer.from('<script>alert(1)</script>');
  const both = new Uint8Array(Buffer.concat([picture('PNG').bytes, script]));
  const response = await ask(await upload(both, 'image/png'), 'width=32&height=32&method=crop');
  expect(Buffer.from(await response.arrayBuffer()).includes(script)).toBe(false);
});

test.each(['', 'width=0&height=1', 'width=-1&height=1', 'width=1.5&height=1', 'width=x&height=1'])(
  'the size %j is refused',
  async (query) => {
    const mediaId = await upload(picture('small PNG').bytes, 'image/png');
    expect((await ask(mediaId, query)).status).toBe(400);
  },
);
