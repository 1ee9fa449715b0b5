import { notFound } from '../../../../matrix/errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { MediaRow } from '../../storage/d1/media.ts';
import { parseByteRange } from './byte-range.ts';
import { contentDisposition } from './content-disposition.ts';

/** Keeps what is served from running anything, whatever a browser takes it for. */
const safetyHeaders = {
  'content-security-policy':
    "sandbox; default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; object-src 'self'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  // What an id stands for never changes, but it is for those who may read it only.
  'cache-control': 'private, max-age=86400, immutable',
} as const;

export function mediaHeaders(contentType: string, fileName: string | null): Record<string, string> {
  return {
    ...safetyHeaders,
    'content-type': contentType,
    'content-disposition': contentDisposition(contentType, fileName),
  };
}

/**
 * Answers with a file, or the part of it that `Range` asks for.
 * @param fileName overrides the uploader's name
 */
export async function serveMedia(
  request: Request,
  blobs: BlobStore,
  found: MediaRow,
  fileName: string | null = found.fileName,
): Promise<Response> {
  const headers = {
    ...mediaHeaders(found.contentType, fileName),
    'accept-ranges': 'bytes',
    etag: `"${found.contentHash}"`,
  };
  if (isKnown(request, headers.etag)) return new Response(null, { status: 304, headers });
  const range = parseByteRange(request.headers.get('range'), found.sizeBytes);
  if (range === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${found.sizeBytes}` } });
  }
  const body = await blobs.get(found.contentHash, range);
  if (!body) throw notFound();
  if (!range) return new Response(body, { headers });
  const last = range.offset + range.length - 1;
  return new Response(body, {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.offset}-${last}/${found.sizeBytes}` },
  });
}

/** Whether the client has it already. */
export function isKnown(request: Request, etag: string): boolean {
  return request.headers.get('if-none-match') === etag;
}
