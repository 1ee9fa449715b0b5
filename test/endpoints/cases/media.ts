import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../../../config/local.ts';
import { ask, type Person } from '../../attacks/lib/attacker.ts';
import type { Cases } from '../lib/case.ts';
import type { World } from '../lib/world.ts';

interface Picture {
  name: string;
  base64: string;
}

const { pictures } = JSON.parse(
  readFileSync(path.join(projectDir, 'test/vectors/pictures.json'), 'utf8'),
) as { pictures: Picture[] };
const picture = Buffer.from(pictures.find(({ name }) => name === 'moving WebP')?.base64 ?? '', 'base64');

const size = { width: '32', height: '32' };
const file = async (world: World) => ({ serverName: world.serverName, mediaId: await world.upload() });
const shown = async (world: World) => ({
  serverName: world.serverName,
  mediaId: await world.upload(Uint8Array.from(picture), 'image/webp'),
});
const pending = async (world: World) => ({
  serverName: world.serverName,
  mediaId: await world.pendingMedia(),
});
/** Its header says 50,000 × 50,000 pixels. */
const huge = async (world: World) => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(50_000, 16);
  bytes.writeUInt32BE(50_000, 20);
  bytes.set([8, 6], 24);
  return { serverName: world.serverName, mediaId: await world.upload(Uint8Array.from(bytes), 'image/png') };
};

const download = {
  '200': async (world: World) => ({ params: { ...(await file(world)), fileName: 'name.txt' } }),
  '404 M_NOT_FOUND': ({ serverName }: World) => ({ params: { serverName, mediaId: 'none', fileName: 'x' } }),
  '504 M_NOT_YET_UPLOADED': async (world: World) => ({
    params: { ...(await pending(world)), fileName: 'x' },
    query: { timeout_ms: '0' },
  }),
};
const thumbnail = {
  '200': async (world: World) => ({ params: await shown(world), query: size }),
  '400 M_INVALID_PARAM': async (world: World) => ({
    params: await shown(world),
    query: { width: 'wide', height: '32' },
  }),
  '400 M_UNKNOWN': async (world: World) => ({ params: await file(world), query: size }),
  '413 M_TOO_LARGE': async (world: World) => ({ params: await huge(world), query: size }),
  '504 M_NOT_YET_UPLOADED': async (world: World) => ({
    params: await pending(world),
    query: { ...size, timeout_ms: '0' },
  }),
};

const hoarders = new WeakMap<World, Promise<{ by: Person; mediaId: string }>>();

/** Somebody who has used up what everybody may upload, with an id from before. */
function hoarder(world: World): Promise<{ by: Person; mediaId: string }> {
  const known = hoarders.get(world) ?? makeHoarder(world);
  hoarders.set(world, known);
  return known;
}

async function makeHoarder(world: World): Promise<{ by: Person; mediaId: string }> {
  const by = await world.person();
  const mediaId = await world.pendingMedia(by);
  await ask(world.url, 'POST', '/_matrix/media/v3/upload', {
    token: by.accessToken,
    raw: new Uint8Array(1024 * 1024),
  });
  return { by, mediaId };
}

export const media: Cases = {
  uploadContent: {
    '200': () => ({ raw: 'hello', headers: { 'content-type': 'text/plain' } }),
    '403 M_FORBIDDEN': async (world) => ({ by: (await hoarder(world)).by, raw: 'more' }),
  },
  createContent: {
    '200': () => ({}),
    '403 M_FORBIDDEN': async (world) => ({ by: (await hoarder(world)).by }),
  },
  uploadContentToMXC: {
    '200': async (world) => ({
      params: { serverName: world.serverName, mediaId: await world.pendingMedia() },
      raw: 'hello',
    }),
    '403 M_FORBIDDEN': async (world) => {
      const { by, mediaId } = await hoarder(world);
      return { by, params: { serverName: world.serverName, mediaId }, raw: 'more' };
    },
    '404 M_NOT_FOUND': ({ serverName }) => ({ params: { serverName, mediaId: 'none' }, raw: 'x' }),
    '409 M_CANNOT_OVERWRITE_MEDIA': async (world) => ({ params: await file(world), raw: 'other' }),
  },
  getContentAuthed: download,
  getContentOverrideNameAuthed: download,
  getContentThumbnailAuthed: thumbnail,
  getContent: download,
  getContentOverrideName: download,
  getContentThumbnail: thumbnail,
  getConfigAuthed: { '200': () => ({}) },
  getConfig: { '200': () => ({}) },
  getUrlPreviewAuthed: {
    '200': ({ pageUrl }) => ({ query: { url: pageUrl } }),
    '400': () => ({ query: { url: 'nonsense' } }),
  },
  getUrlPreview: { '200': ({ pageUrl }) => ({ query: { url: pageUrl } }) },
};
