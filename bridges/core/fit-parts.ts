import { utf8Length } from '../../matrix/identifiers.ts';
import { limits } from '../../matrix/limits.ts';
import type { ConvertedPart } from './converted-message.ts';

/**
 * An event holds 65,536 bytes, and an edit carries its content twice, so that this is what one part may have.
 * The rest is for relations, mentions and signatures.
 */
const maxContentBytes = Math.floor((limits.maxPduBytes - 8_192) / 2);
const maxBodyBytes = maxContentBytes - 4_096;

/**
 * Parts that are too long for an event lose their formatting first; what is still too long is told in several
 * events. Slack's messages reach 40,000 characters. The same message always gives the same parts.
 */
export function fitParts(parts: readonly ConvertedPart[]): ConvertedPart[] {
  return parts.flatMap((part) => {
    if (utf8Length(JSON.stringify(part.content)) <= maxContentBytes) return [part];
    const { formatted_body: _formatted, format: _format, ...plain } = part.content;
    const pieces = splitText(String(plain.body ?? ''), maxBodyBytes);
    return pieces.map((body, index) =>
      index === 0
        ? { ...part, content: { ...plain, body } }
        : { ...part, part: `${part.part}.${index}`, content: { msgtype: plain.msgtype, body } },
    );
  });
}

/** Pieces of at most so many bytes in JSON, cut at the end of a line or a word where one is near. */
export function splitText(text: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const character of text) {
    const size = jsonBytes(character);
    if (bytes + size > maxBytes) {
      const cut = cutOf(piece);
      pieces.push(piece.slice(0, cut));
      piece = piece.slice(cut);
      bytes = jsonBytes(piece);
    }
    piece += character;
    bytes += size;
  }
  if (piece !== '' || pieces.length === 0) pieces.push(piece);
  return pieces;
}

/** Without the quotes around it. */
function jsonBytes(text: string): number {
  return utf8Length(JSON.stringify(text)) - 2;
}

function cutOf(piece: string): number {
  for (const boundary of ['\n', ' ']) {
    const at = piece.lastIndexOf(boundary) + 1;
    if (at > piece.length * 0.8) return at;
  }
  return piece.length;
}
