/**
 * Pictures that do not move, for those who must not get ones that do. Nothing is decoded: the blocks of the
 * file are walked once. The kind is told by the bytes, since the uploader's type may be wrong.
 */

export type Still =
  /** The file does not move. */
  | { kind: 'as_is' }
  | { kind: 'still'; bytes: Uint8Array<ArrayBuffer> }
  /** It moves, or is damaged, and no still picture can be cut from it. */
  | { kind: 'impossible' };

/** How much of a file to look at: first what shows its kind, then what holds nearly every first picture. */
export const stillHeadSizes = [64 * 1024, 2 * 1024 * 1024] as const;

/** @param head the beginning of the file, or all of it */
export function stillOf(head: Uint8Array<ArrayBuffer>): Still {
  if (textAt(head, 0, 3) === 'GIF') return stillGif(head);
  if (textAt(head, 1, 3) === 'PNG') return isAnimatedPng(head) ? { kind: 'impossible' } : { kind: 'as_is' };
  if (textAt(head, 0, 4) === 'RIFF' && textAt(head, 8, 4) === 'WEBP') {
    return isAnimatedWebp(head) ? { kind: 'impossible' } : { kind: 'as_is' };
  }
  return { kind: 'as_is' };
}

/** GIF89a: the file up to the end of its first image, closed by a trailer. */
function stillGif(head: Uint8Array<ArrayBuffer>): Still {
  let at = 13 + colourTableBytes(head[10] ?? 0);
  while (at < head.byteLength) {
    const block = head[at];
    if (block === 0x21) {
      at = endOfSubBlocks(head, at + 2);
    } else if (block === 0x2c) {
      const data = at + 10 + colourTableBytes(head[at + 9] ?? 0) + 1;
      const end = endOfSubBlocks(head, data);
      if (end > head.byteLength) return { kind: 'impossible' };
      const bytes = new Uint8Array(end + 1);
      bytes.set(head.subarray(0, end));
      bytes[end] = 0x3b;
      return { kind: 'still', bytes };
    } else {
      return { kind: 'impossible' };
    }
  }
  return { kind: 'impossible' };
}

function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** @returns where the blocks end; behind the end of `bytes` if they do not */
function endOfSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.byteLength) {
    const length = bytes[at] ?? 0;
    at += 1 + length;
    if (length === 0) return at;
  }
  return bytes.byteLength + 1;
}

/** An APNG says so (`acTL`) before its image data. */
function isAnimatedPng(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 8; at + 8 <= head.byteLength; at += 12 + view.getUint32(at)) {
    const type = textAt(head, at + 4, 4);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

/** The extended header has a flag for it. */
function isAnimatedWebp(head: Uint8Array): boolean {
  return textAt(head, 12, 4) === 'VP8X' && ((head[20] ?? 0) & 0x02) !== 0;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
