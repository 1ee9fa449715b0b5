import { MatrixError, notFound } from '../../../matrix/errors.ts';
import { parseServerName, type ServerName } from '../../../matrix/identifiers.ts';
import { limits } from '../../../matrix/limits.ts';
import { SafeFetchError } from '../../../platform/safe-fetch.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';
import { type FetchedMedia, fetchMedia, fileNameOf } from '../federation/outbound/fetch-media.ts';
import { BlobTooLarge } from '../storage/blob-store.ts';
import { insertRemoteMedia, type MediaRow, oldestRemoteMedia, readMedia } from '../storage/d1/media.ts';
import { deleteMedia } from './admin/delete-media.ts';
import { knownContentType, type MediaStores } from './media.ts';
import { publicFetch } from './public-fetch.ts';

/**
 * Media of other servers, kept as this server's are, under the name `<server>/<media id>`, until there is no more room
 * for them.
 */
interface Parts {
  env: Env;
  config: Config;
  stores: MediaStores;
  waitUntil(work: Promise<unknown>): void;
}

const maxIdChars = 255;
const elsewhereTimeoutMs = 5 * 60_000;

/** @throws MatrixError 404 if it is not there, 502 if its server does not give it */
export async function findRemoteMedia(parts: Parts, serverName: string, mediaId: string): Promise<MediaRow> {
  const server = parseServerName(serverName);
  if (!server || !/^[A-Za-z0-9_-]+$/.test(mediaId) || mediaId.length > maxIdChars) throw notFound();
  const id = `${server}/${mediaId}`;
  const kept = (await readMedia(parts.stores.db, id)) ?? (await fetchAndKeep(parts, server, mediaId, id));
  if (kept.quarantinedBy !== null) throw notFound();
  return kept;
}

async function fetchAndKeep(
  parts: Parts,
  server: ServerName,
  mediaId: string,
  id: string,
): Promise<MediaRow> {
  const { stores } = parts;
  const fetched = await fetchFile(parts, server, mediaId);
  const source = new Source(fetched.body);
  const blob = await stores.blobs.put(source.body, limits.maxUploadBytes).catch((error) => {
    throw source.hasFailed || error instanceof BlobTooLarge ? unavailable() : error;
  });
  await insertRemoteMedia(stores.db, {
    mediaId: id,
    uploader: server,
    contentHash: blob.hash,
    contentType: knownContentType(fetched.contentType),
    fileName: fetched.fileName?.slice(0, maxIdChars) ?? null,
    sizeBytes: blob.sizeBytes,
    createdMs: Date.now(),
  });
  parts.waitUntil(makeRoom(parts));
  const row = await readMedia(stores.db, id);
  if (!row) throw unavailable();
  return row;
}

async function fetchFile({ env, config }: Parts, server: ServerName, mediaId: string): Promise<FetchedMedia> {
  const result = await fetchMedia(env, server, mediaId, limits.maxUploadBytes);
  if (result === 'not found') throw notFound();
  if (result === 'failed') throw unavailable();
  if (!('elsewhere' in result)) return result;
  try {
    const { response } = await publicFetch(env, config)(result.elsewhere, {
      timeoutMs: elsewhereTimeoutMs,
      maxBytes: limits.maxUploadBytes,
      maxRedirects: 3,
    });
    if (!response.ok || !response.body) throw unavailable();
    return {
      contentType: response.headers.get('content-type'),
      fileName: fileNameOf(response.headers.get('content-disposition')),
      body: response.body,
    };
  } catch (error) {
    if (error instanceof SafeFetchError) throw unavailable();
    throw error;
  }
}

/** What is kept longest goes first. */
async function makeRoom({ env, config, stores }: Parts): Promise<void> {
  if (config.remoteMediaBytes === Number.POSITIVE_INFINITY) return;
  const surplus = await oldestRemoteMedia(stores.db, config.remoteMediaBytes);
  if (surplus.length > 0) await deleteMedia(stores, env.MEDIA, surplus);
}

/** Remembers whether it was the other server that failed: what a store throws of it need not say so. */
class Source {
  readonly body: ReadableStream<Uint8Array>;
  hasFailed = false;

  constructor(body: ReadableStream<Uint8Array>) {
    const reader = body.getReader();
    this.body = new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          this.hasFailed = true;
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }
}

function unavailable(): MatrixError {
  return new MatrixError(502, 'M_UNKNOWN', 'The other server does not give this file');
}
