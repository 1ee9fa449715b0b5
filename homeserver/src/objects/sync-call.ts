import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { tooLarge } from '../../../matrix/errors.ts';
import type { SyncCall } from './user-sync-rpc.ts';

/** Name of the header that carries a call: a request that may become a WebSocket has no body. */
export const syncCallHeader = 'roost-sync-call';

/** Set on an answer whose body is a `SyncReply` that the Worker has to complete. */
export const incompleteReplyHeader = 'roost-sync-incomplete';

/** Fits into a header, and into the 16,384 bytes that the runtime keeps with a waiting socket. */
const maxEncodedLength = 14_000;
const maxDecodedBytes = 512 * 1024;

/**
 * Packs a call. Sliding sync requests repeat the same state for room after room, so they shrink well.
 * @throws `M_TOO_LARGE`
 */
export function encodeSyncCall(call: SyncCall): string {
  const text = JSON.stringify(call);
  const encoded =
    Buffer.byteLength(text) > maxDecodedBytes ? undefined : deflateRawSync(text).toString('base64url');
  if (encoded === undefined || encoded.length > maxEncodedLength) {
    throw tooLarge('The request is too large to be kept while waiting: upload a filter, or ask for less');
  }
  return encoded;
}

export function decodeSyncCall(encoded: string): SyncCall {
  const bytes = inflateRawSync(Buffer.from(encoded, 'base64url'), { maxOutputLength: maxDecodedBytes });
  return JSON.parse(bytes.toString()) as SyncCall;
}
