import { randomBytes } from 'node:crypto';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { forbidden, limitExceeded, MatrixError, notFound, tooLarge } from '../../../matrix/errors.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import { limits } from '../../../matrix/limits.ts';
import { openD1 } from '../../../platform/d1.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { type BlobStore, BlobTooLarge, type StoredBlob } from '../storage/blob-store.ts';
import {
  completePendingMedia,
  insertMedia,
  insertPendingMedia,
  type MediaRow,
  type NewMediaRow,
  readMedia,
  readPendingMedia,
  uploadedBytes,
} from '../storage/d1/media.ts';
import { DiskBlobStore } from '../storage/disk-blob-store.ts';
import { R2BlobStore } from '../storage/r2-blob-store.ts';

/** Media of this server: what was uploaded, by whom, and where its bytes are. */

export interface MediaStores {
  db: DrizzleD1Database;
  blobs: BlobStore;
}

export interface Upload {
  uploader: UserId;
  /** Absent: an empty file. */
  body: ReadableStream<Uint8Array> | null;
  contentType: string | null;
  fileName: string | undefined;
  /** What the uploader may have in all; `Infinity` if there is no limit. */
  quotaBytes: number;
}

/** How long an id that was given out waits for its file: the specification's recommendation. */
const pendingMs = 24 * 60 * 60_000;
const maxPendingPerUser = 100;
const maxFileNameChars = 255;
const maxWaitMs = 60_000;
/** The database is asked less and less often: twenty times in the longest wait. */
const firstPauseMs = 500;
const pauseGrowth = 1.3;
const longestPauseMs = 5_000;

export function mediaStores(env: Env, config: Config): MediaStores {
  const blobs = env.MEDIA_DISK ? new DiskBlobStore(env.MEDIA_DISK) : new R2BlobStore(env.MEDIA);
  return { db: openD1(env.DB, config.meter), blobs };
}

/** @returns the media id @throws `M_TOO_LARGE`; `M_FORBIDDEN` if the user's quota is used up */
export async function storeUpload(stores: MediaStores, upload: Upload, nowMs: number): Promise<string> {
  const mediaId = makeMediaId();
  const blob = await storeBytes(stores, upload);
  await insertMedia(stores.db, mediaRow(mediaId, upload, blob, nowMs));
  return mediaId;
}

/** @throws `M_LIMIT_EXCEEDED` if the user has too many ids without a file; `M_FORBIDDEN` if the quota is used up */
export async function createPending(
  { db }: MediaStores,
  { uploader, quotaBytes }: Pick<Upload, 'uploader' | 'quotaBytes'>,
  nowMs: number,
): Promise<{ mediaId: string; expiresMs: number }> {
  if ((await leftOfQuota(db, { uploader, quotaBytes })) <= 0) throw quotaUsedUp();
  const row = { mediaId: makeMediaId(), uploader, expiresMs: nowMs + pendingMs };
  if (!(await insertPendingMedia(db, row, maxPendingPerUser, nowMs))) throw limitExceeded(60_000);
  return row;
}

/** @throws `M_NOT_FOUND`, `M_FORBIDDEN`, `M_CANNOT_OVERWRITE_MEDIA`, `M_TOO_LARGE` */
export async function storePendingUpload(
  stores: MediaStores,
  mediaId: string,
  upload: Upload,
  nowMs: number,
): Promise<void> {
  const pending = await readPendingMedia(stores.db, mediaId, nowMs);
  if (!pending) {
    throw (await readMedia(stores.db, mediaId)) ? cannotOverwrite() : notFound('Unknown media id');
  }
  if (pending.uploader !== upload.uploader) throw forbidden('This media id was given to another user');
  const blob = await storeBytes(stores, upload);
  const completed = await completePendingMedia(stores.db, mediaRow(mediaId, upload, blob, nowMs));
  if (!completed) throw cannotOverwrite();
}

/**
 * Finds media, waiting for an upload that is still to come. What is in quarantine is not found.
 * @throws `M_NOT_FOUND`, `M_NOT_YET_UPLOADED`
 */
export async function findMedia(stores: MediaStores, mediaId: string, timeoutMs: number): Promise<MediaRow> {
  const found = await findAnyMedia(stores, mediaId, timeoutMs);
  if (found.quarantinedBy !== null) throw notFound();
  return found;
}

async function findAnyMedia({ db }: MediaStores, mediaId: string, timeoutMs: number): Promise<MediaRow> {
  const endMs = Date.now() + Math.min(timeoutMs, maxWaitMs);
  const present = await readMedia(db, mediaId);
  if (present) return present;
  if (!(await readPendingMedia(db, mediaId, Date.now()))) throw notFound();
  let pauseMs = firstPauseMs;
  for (let leftMs = endMs - Date.now(); leftMs > 0; leftMs = endMs - Date.now()) {
    await scheduler.wait(Math.min(pauseMs, leftMs));
    const uploaded = await readMedia(db, mediaId);
    if (uploaded) return uploaded;
    pauseMs = Math.min(pauseMs * pauseGrowth, longestPauseMs);
  }
  throw new MatrixError(504, 'M_NOT_YET_UPLOADED', 'The file has not been uploaded yet');
}

/** 144 bits, so that an id cannot be guessed. */
function makeMediaId(): string {
  return randomBytes(18).toString('base64url');
}

async function storeBytes({ db, blobs }: MediaStores, upload: Upload): Promise<StoredBlob> {
  const leftBytes = await leftOfQuota(db, upload);
  if (leftBytes <= 0) throw quotaUsedUp();
  try {
    return await blobs.put(
      upload.body ?? new ReadableStream({ start: (end) => end.close() }),
      Math.min(limits.maxUploadBytes, leftBytes),
    );
  } catch (error) {
    if (!(error instanceof BlobTooLarge)) throw error;
    if (leftBytes < limits.maxUploadBytes) throw quotaUsedUp();
    throw tooLarge(`Files are limited to ${limits.maxUploadBytes} bytes`);
  }
}

/** @note Uploads at the same time do not see each other: a quota may be exceeded by what is under way. */
async function leftOfQuota(
  db: DrizzleD1Database,
  { uploader, quotaBytes }: Pick<Upload, 'uploader' | 'quotaBytes'>,
): Promise<number> {
  return quotaBytes === Number.POSITIVE_INFINITY
    ? quotaBytes
    : quotaBytes - (await uploadedBytes(db, uploader));
}

function quotaUsedUp(): MatrixError {
  return forbidden('You have uploaded as much as you may');
}

/** @note If the row cannot be written the blob stays: another row may have come to share it meanwhile. */
function mediaRow(
  mediaId: string,
  { uploader, contentType, fileName }: Upload,
  { hash, sizeBytes }: StoredBlob,
  createdMs: number,
): NewMediaRow {
  return {
    mediaId,
    uploader,
    contentHash: hash,
    contentType: knownContentType(contentType),
    fileName: fileName ? fileName.slice(0, maxFileNameChars) : null,
    sizeBytes,
    createdMs,
  };
}

/** A type that is not one is served as bytes. */
export function knownContentType(given: string | null): string {
  const isType = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+(?:\s*;[\x20-\x7e]*)?$/i.test(given ?? '');
  return given && isType && given.length <= 255 ? given : 'application/octet-stream';
}

function cannotOverwrite(): MatrixError {
  return new MatrixError(409, 'M_CANNOT_OVERWRITE_MEDIA', 'This media id has its file already');
}
