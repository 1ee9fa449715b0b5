import { essence } from '../../../../platform/content-type.ts';

/**
 * Client-server API, "Serving inline content": types that run no script wherever they are shown.
 * Everything else is offered for download only.
 */
const inlineTypes = new Set([
  'text/css',
  'text/plain',
  'text/csv',
  'application/json',
  'application/ld+json',
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mp4',
  'audio/webm',
  'audio/aac',
  'audio/mpeg',
  'audio/ogg',
  'audio/wave',
  'audio/wav',
  'audio/x-wav',
  'audio/x-pn-wav',
  'audio/flac',
  'audio/x-flac',
]);

/** Controls, line breaks, and marks that turn the direction of text (an `exe.gpj` shown as `jpg.exe`). */
const deceptive = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** RFC 6266. The name is quoted for those who read ASCII and given in full by RFC 8187 where it is not. */
export function contentDisposition(contentType: string, fileName: string | null): string {
  const disposition = inlineTypes.has(essence(contentType)) ? 'inline' : 'attachment';
  const name = fileName?.toWellFormed().replace(deceptive, '').replace(/[/\\]/g, '_');
  if (!name) return disposition;
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/"/g, '\\"');
  const quoted = `${disposition}; filename="${ascii}"`;
  return /^[\x20-\x7e]*$/.test(name) ? quoted : `${quoted}; filename*=UTF-8''${encodeExtended(name)}`;
}

/** `encodeURIComponent` leaves a few characters that RFC 8187 does not allow. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
