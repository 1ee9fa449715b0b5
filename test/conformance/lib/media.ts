import { type Answer, call, ok } from './http.ts';
import type { User } from './user.ts';

/** @returns the `mxc://` URI */
export async function upload(
  user: User,
  bytes: Uint8Array,
  options: { contentType?: string; filename?: string } = {},
): Promise<string> {
  const { content_uri: uri } = await ok<{ content_uri: string }>('POST', '/_matrix/media/v3/upload', {
    token: user.accessToken,
    raw: bytes,
    contentType: options.contentType ?? 'application/octet-stream',
    ...(options.filename !== undefined && { query: { filename: options.filename } }),
  });
  return uri;
}

/** Server name and media id of a URI, as they are in paths. */
export function pathOf(uri: string): string {
  return uri.slice('mxc://'.length);
}

/** By the authenticated endpoint. @param filename asked for in place of the uploader's */
export function download(user: User, uri: string, filename?: string): Promise<Answer> {
  const suffix = filename === undefined ? '' : `/${encodeURIComponent(filename)}`;
  return call('GET', `/v1/media/download/${pathOf(uri)}${suffix}`, { token: user.accessToken });
}

/** By the former endpoint, which needs no token. */
export function downloadFormerly(uri: string, filename?: string): Promise<Answer> {
  const suffix = filename === undefined ? '' : `/${encodeURIComponent(filename)}`;
  return call('GET', `/_matrix/media/v3/download/${pathOf(uri)}${suffix}`);
}

/** Type and file name of a `Content-Disposition`, the extended form of the name (RFC 6266) winning. */
export function dispositionOf(answer: Answer): { type: string; filename?: string } {
  const header = answer.headers.get('content-disposition') ?? '';
  const type = header.split(';')[0]?.trim() ?? '';
  const extended = /filename\*=utf-8''([^;]+)/i.exec(header)?.[1];
  const quoted = /filename="((?:[^"\\]|\\.)*)"/.exec(header)?.[1]?.replace(/\\(.)/g, '$1');
  const plain = /filename=([^;"]+)/.exec(header)?.[1]?.trim();
  const filename = extended === undefined ? (quoted ?? plain) : decodeURIComponent(extended);
  return { type, ...(filename !== undefined && { filename }) };
}
