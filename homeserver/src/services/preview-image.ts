import { readBytes, SafeFetchError } from '../../../platform/safe-fetch.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import type { PublicFetch } from './public-fetch.ts';

export interface PreviewImage extends ImageHeader {
  bytes: Uint8Array<ArrayBuffer>;
}

const timeoutMs = 10_000;
const maxBytes = 5 * 1024 * 1024;

/** @returns nothing if it cannot be had or is no picture: a preview does without it */
export async function fetchPreviewImage(
  fetchPublic: PublicFetch,
  address: string,
): Promise<PreviewImage | undefined> {
  try {
    const headers = { accept: 'image/webp,image/png,image/jpeg,image/gif' };
    const { response } = await fetchPublic(address, { timeoutMs, maxBytes, headers });
    if (response.status !== 200) {
      await response.body?.cancel();
      return undefined;
    }
    return asPreviewImage(await readBytes(response));
  } catch (error) {
    if (error instanceof SafeFetchError) return undefined;
    throw error;
  }
}

/** The type that the bytes show; what the server says is not asked. */
export function asPreviewImage(bytes: Uint8Array<ArrayBuffer>): PreviewImage | undefined {
  const header = readImageHeader(bytes);
  return header && { ...header, bytes };
}
