import { MatrixError, notFound, tooLarge } from '../../../matrix/errors.ts';
import { essence } from '../../../platform/content-type.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { BlobVariants } from '../storage/blob-store-variants.ts';
import type { MediaRow } from '../storage/d1/media.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { type Still, stillHeadSizes, stillOf } from './still-image.ts';
import { fitsWithin, type ThumbnailSize } from './thumbnail-size.ts';
import type { Shrunk, Thumbnailer } from './thumbnailer.ts';

export interface ThumbnailStores {
  blobs: BlobStore;
  variants: BlobVariants;
  thumbnailer: Thumbnailer;
}

export type Thumbnail =
  /** The file itself serves as its thumbnail. */
  | { kind: 'original'; contentType: string }
  | { kind: 'made'; contentType: string; body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> };

/** A codec needs memory for what a file unpacks to, and reads files whole. */
const maxPixels = 64_000_000;
const maxSide = 20_000;
const maxBytes = 32 * 1024 * 1024;
/** A file of few pixels may still be long. */
const maxOwnThumbnailBytes = 256 * 1024;
/** Moving pictures are not shrunk, so only short ones are thumbnails of themselves. */
const maxMovingBytes = 2 * 1024 * 1024;
const retryImpossibleMs = 24 * 60 * 60_000;
/** What has begun in a request that was broken off may never end. */
const maxWorkMs = 25_000;

/** The types whose files are looked at; a file of another declared type has no thumbnail. */
const thumbnailTypes = new Set(['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'image/webp']);

/**
 * The picture in a size that is made (`roundThumbnailSize`): as it is if it fits, else shrunk once and kept.
 * @param moving whether one that moves is wanted, where that is cheap
 * @param waitUntil keeps what others wait for too
 * @throws `M_UNKNOWN` for what is no picture, `M_TOO_LARGE`
 */
export async function findThumbnail(
  stores: ThumbnailStores,
  media: MediaRow,
  size: ThumbnailSize,
  moving: boolean,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<Thumbnail> {
  if (!thumbnailTypes.has(essence(media.contentType))) throw noThumbnail();
  if (moving && media.sizeBytes <= maxMovingBytes) {
    const { header, still } = await examine(stores.blobs, media);
    if (moves(media, still)) return { kind: 'original', contentType: header.contentType };
  }
  const name = `${size.width}x${size.height}-${size.method}`;
  const kept = await keptThumbnail(stores, media, name);
  return kept ?? makeThumbnail(stores, media, size, name, waitUntil);
}

function moves({ sizeBytes }: MediaRow, still: Still): boolean {
  return still.kind === 'still' ? still.bytes.byteLength < sizeBytes : still.kind === 'impossible';
}

async function makeThumbnail(
  stores: ThumbnailStores,
  media: MediaRow,
  size: ThumbnailSize,
  name: string,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<Thumbnail> {
  const { header, still } = await examine(stores.blobs, media);
  if (header.width * header.height > maxPixels || Math.max(header.width, header.height) > maxSide) {
    throw tooLarge('This picture is too large for a thumbnail');
  }
  const own = ownThumbnail(media, header, still);
  if (own && fitsWithin(header, size) && media.sizeBytes <= maxOwnThumbnailBytes) return own;
  const shrunk = await once(`${media.contentHash}/${name}`, waitUntil, () =>
    shrinkAndKeep(stores, media, header, still, size, name),
  );
  switch (shrunk.kind) {
    case 'made':
      return { kind: 'made', contentType: shrunk.contentType, body: shrunk.bytes };
    case 'impossible':
      throw noThumbnail();
    case 'unavailable':
      if (!own) throw noThumbnail();
      return own;
    default:
      return shrunk satisfies never;
  }
}

async function keptThumbnail(
  { variants }: ThumbnailStores,
  { contentHash }: MediaRow,
  name: string,
): Promise<Thumbnail | undefined> {
  const kept = await variants.get(contentHash, name);
  if (kept?.kind === 'impossible') {
    if (Date.now() - kept.triedMs < retryImpossibleMs) throw noThumbnail();
    return undefined;
  }
  return kept;
}

/** @throws `M_UNKNOWN` if the file is not what it says, or its size cannot be told */
async function examine(
  blobs: BlobStore,
  { contentHash, sizeBytes }: MediaRow,
): Promise<{ header: ImageHeader; still: Still }> {
  for (const headBytes of stillHeadSizes) {
    const length = Math.min(headBytes, sizeBytes);
    const body = length > 0 ? await blobs.get(contentHash, { offset: 0, length }) : undefined;
    if (!body) throw noThumbnail();
    const head = new Uint8Array(await new Response(body).arrayBuffer());
    const header = readImageHeader(head);
    const still = stillOf(head);
    // Only of a GIF more may show what can be cut from it.
    const isSettled = still.kind !== 'impossible' || header?.contentType !== 'image/gif';
    const isLast = length === sizeBytes || headBytes === stillHeadSizes.at(-1);
    if (header && (isSettled || isLast)) return { header, still };
    if (isLast) break;
  }
  throw noThumbnail();
}

/** What can be served without a codec. */
function ownThumbnail(media: MediaRow, { contentType }: ImageHeader, still: Still): Thumbnail | undefined {
  switch (still.kind) {
    case 'as_is':
      return { kind: 'original', contentType };
    case 'still':
      return still.bytes.byteLength >= media.sizeBytes
        ? { kind: 'original', contentType }
        : { kind: 'made', contentType, body: still.bytes };
    case 'impossible':
      return undefined;
    default:
      return still satisfies never;
  }
}

async function shrinkAndKeep(
  { blobs, variants, thumbnailer }: ThumbnailStores,
  { contentHash, sizeBytes }: MediaRow,
  header: ImageHeader,
  still: Still,
  size: ThumbnailSize,
  name: string,
): Promise<Shrunk> {
  const isCut = still.kind === 'still';
  if (!isCut && sizeBytes > maxBytes) throw tooLarge('This file is too large for a thumbnail');
  const body = isCut ? streamOf(still.bytes) : await blobs.get(contentHash);
  if (!body) throw notFound();
  const shrunk = await thumbnailer.shrink(body, header.contentType, withinPicture(size, header));
  if (shrunk.kind === 'made') await variants.put(contentHash, name, shrunk.contentType, shrunk.bytes);
  if (shrunk.kind === 'impossible') await variants.putImpossible(contentHash, name);
  return shrunk;
}

/** A square cut from a picture that is smaller than it, since nothing is enlarged. */
function withinPicture(size: ThumbnailSize, picture: ImageHeader): ThumbnailSize {
  if (size.method === 'scale') return size;
  const side = Math.min(size.width, picture.width, picture.height);
  return { ...size, width: side, height: side };
}

const underWay = new Map<string, { work: Promise<Shrunk>; endsMs: number }>();

/** Whoever asks for the same while it is being made gets the same. */
async function once(
  key: string,
  waitUntil: (work: Promise<unknown>) => void,
  make: () => Promise<Shrunk>,
): Promise<Shrunk> {
  const begun = underWay.get(key);
  if (begun && begun.endsMs > Date.now()) {
    const gaveUp = scheduler.wait(maxWorkMs).then(() => ({ kind: 'unavailable' }) as const);
    return Promise.race([begun.work, gaveUp]);
  }
  const work = make().finally(() => underWay.delete(key));
  underWay.set(key, { work, endsMs: Date.now() + maxWorkMs });
  waitUntil(work.catch(() => undefined));
  return work;
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Response(bytes).body ?? new ReadableStream({ start: (end) => end.close() });
}

function noThumbnail(): MatrixError {
  return new MatrixError(400, 'M_UNKNOWN', 'Cannot generate thumbnails for the requested content');
}
