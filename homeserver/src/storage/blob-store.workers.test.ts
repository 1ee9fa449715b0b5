import { env } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { BlobTooLarge } from './blob-store.ts';
import { DiskBlobStore } from './disk-blob-store.ts';
import { R2BlobStore } from './r2-blob-store.ts';

const { MEDIA: bucket, TEST_DISK: disk } = env as unknown as { MEDIA: R2Bucket; TEST_DISK: Fetcher };
const mebibyte = 1024 * 1024;

/** Each run has a folder of its own. */
const folder = crypto.randomUUID();
const ownDisk: Pick<Fetcher, 'fetch'> = {
  fetch: (url, init) => disk.fetch(String(url).replace('http://disk/', `http://disk/${folder}/`), init),
};

async function filesIn(path: string): Promise<string[]> {
  const response = await ownDisk.fetch(`http://disk/${path}/`);
  if (!response.ok) return [];
  return (await response.json<{ name: string }[]>()).map(({ name }) => `${path}/${name}`);
}

const stores = [
  {
    kind: 'R2',
    store: new R2BlobStore(bucket),
    keys: async () => (await bucket.list()).objects.map(({ key }) => key),
    clear: async (keys: string[]) => void (await bucket.delete(keys)),
  },
  {
    kind: 'a disk',
    store: new DiskBlobStore(ownDisk),
    keys: async () => [...(await filesIn('uploads')), ...(await filesIn('blobs'))],
    clear: async (keys: string[]) => {
      for (const key of keys) await ownDisk.fetch(`http://disk/${key}`, { method: 'DELETE' });
    },
  },
];

/** A stream of that many bytes in uneven chunks, with what it contains. */
function bytes(size: number): { stream: ReadableStream<Uint8Array>; hash: string; all: Uint8Array } {
  const all = new Uint8Array(size);
  for (let at = 0; at < size; at += 997) all[at] = at % 251;
  let given = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === size) return controller.close();
      const end = Math.min(size, given + 700_001);
      controller.enqueue(all.slice(given, end));
      given = end;
    },
  });
  return { stream, all, hash: createHash('sha256').update(all).digest('base64url') };
}

describe.each(stores)('on $kind', ({ store, keys, clear }) => {
  beforeEach(async () => clear(await keys()));

  test.each([0, 10, 1 * mebibyte, 10 * mebibyte, 10 * mebibyte + 1, 21 * mebibyte + 5])(
    '%i bytes are kept once under their hash',
    async (size) => {
      const { stream, hash, all } = bytes(size);
      expect(await store.put(stream, 100 * mebibyte)).toEqual({ hash, sizeBytes: size });
      expect(await keys()).toEqual([`blobs/${hash}`]);
      expect(await store.put(bytes(size).stream, 100 * mebibyte)).toEqual({ hash, sizeBytes: size });
      expect(await keys()).toEqual([`blobs/${hash}`]);
      const read = new Uint8Array(await new Response(await store.get(hash)).arrayBuffer());
      expect(Buffer.compare(read, all)).toBe(0);
    },
  );

  test('a part can be read', async () => {
    const { hash } = await store.put(new Response('0123456789').body as ReadableStream, 100);
    expect(await new Response(await store.get(hash, { offset: 2, length: 3 })).text()).toBe('234');
  });

  test('what is not there is undefined', async () => {
    expect(await store.get('nothing')).toBeUndefined();
  });

  test.each([100, 12 * mebibyte])('R24: a stream over %i bytes leaves nothing behind', async (maxBytes) => {
    await expect(store.put(bytes(maxBytes + 1).stream, maxBytes)).rejects.toBeInstanceOf(BlobTooLarge);
    expect(await keys()).toEqual([]);
  });

  test('a stream that breaks off leaves nothing behind', async () => {
    let parts = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        parts += 1;
        if (parts > 12) controller.error(new Error('disconnected'));
        else controller.enqueue(new Uint8Array(mebibyte));
      },
    });
    await expect(store.put(broken, 100 * mebibyte)).rejects.toThrow('disconnected');
    expect(await keys()).toEqual([]);
  });
});
