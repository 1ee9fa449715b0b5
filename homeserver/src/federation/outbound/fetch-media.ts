import type { ServerName } from '../../../../matrix/identifiers.ts';
import { MultipartError, MultipartReader, multipartBoundary } from '../../../../platform/multipart.ts';
import type { Env } from '../../env.ts';
import { type FederationStream, requestStream } from '../federation-client.ts';

export interface FetchedMedia {
  contentType: string | null;
  /** As `Content-Disposition` has it. */
  fileName: string | undefined;
  body: ReadableStream<Uint8Array>;
}

/** `elsewhere`: the file is at this address, which the other server chose. */
export type FetchResult = FetchedMedia | { elsewhere: string } | 'not found' | 'failed';

/** For headers and body: files are limited by size. */
const timeoutMs = 5 * 60_000;

/** Server-server API, `GET /media/download/{mediaId}`; of servers that do not know it yet, as anybody may have it. */
export async function fetchMedia(
  env: Env,
  server: ServerName,
  mediaId: string,
  maxBytes: number,
): Promise<FetchResult> {
  const answer = await requestStream(env, server, {
    method: 'GET',
    path: `/_matrix/federation/v1/media/download/${encodeURIComponent(mediaId)}`,
    query: { timeout_ms: 20_000 },
    timeoutMs,
    // With the heads of the parts.
    maxBytes: maxBytes + 64 * 1024,
  });
  if (answer.kind === 'failed') return 'failed';
  if (answer.status === 200) return readParts(answer);
  await answer.body.cancel().catch(() => {});
  if (![400, 404, 405].includes(answer.status)) return 'failed';
  const open = await fetchOpenly(env, server, mediaId, maxBytes);
  return open === 'failed' && answer.status === 404 ? 'not found' : open;
}

/** Client-server API, `GET /_matrix/media/v3/download/{serverName}/{mediaId}`, deprecated. */
async function fetchOpenly(
  env: Env,
  server: ServerName,
  mediaId: string,
  maxBytes: number,
): Promise<FetchResult> {
  const answer = await requestStream(env, server, {
    method: 'GET',
    path: `/_matrix/media/v3/download/${encodeURIComponent(server)}/${encodeURIComponent(mediaId)}`,
    query: { allow_remote: false, timeout_ms: 20_000 },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return 'failed';
  const { status, headers, body } = answer;
  if (status === 200) {
    const fileName = fileNameOf(headers.get('content-disposition'));
    return { contentType: headers.get('content-type'), fileName, body };
  }
  await body.cancel().catch(() => {});
  return status === 404 ? 'not found' : 'failed';
}

/** A part of JSON, which says nothing yet, and then the file, or where it is. */
async function readParts({ headers, body }: FederationStream): Promise<FetchResult> {
  const boundary = multipartBoundary(headers.get('content-type'));
  if (boundary === undefined) {
    await body.cancel().catch(() => {});
    return 'failed';
  }
  const reader = new MultipartReader(body, boundary);
  try {
    const first = await reader.nextPart();
    await first?.body.pipeTo(new WritableStream());
    const file = await reader.nextPart();
    if (!file) return 'failed';
    const elsewhere = file.headers.get('location');
    if (elsewhere !== null) {
      await reader.cancel();
      return { elsewhere };
    }
    return {
      contentType: file.headers.get('content-type'),
      fileName: fileNameOf(file.headers.get('content-disposition')),
      body: file.body,
    };
  } catch (error) {
    await reader.cancel();
    if (error instanceof MultipartError) return 'failed';
    throw error;
  }
}

/** RFC 6266: the plain form, or that of RFC 5987, which comes first. */
export function fileNameOf(disposition: string | null): string | undefined {
  const encoded = /filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition ?? '')?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // As if it had only the plain form.
    }
  }
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? '') ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}
