/**
 * The text of a page, by the encoding that its mark, its header or its first bytes name, in this order; UTF-8
 * if none is named or known.
 * @param contentType as the server sent it
 */
export function decodePage(bytes: Uint8Array, contentType: string): string {
  const named = charsetOfMark(bytes) ?? charsetOf(contentType) ?? charsetOf(beginning(bytes));
  return decoderOf(named).decode(bytes);
}

/** Where the HTML standard looks for a declaration. */
function beginning(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  return /<meta[^>]{0,500}charset[^>]{0,100}/i.exec(text)?.[0] ?? '';
}

function charsetOf(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([a-z0-9_:.-]{1,40})/i.exec(text)?.[1];
}

function charsetOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : undefined;
}

function decoderOf(label: string | undefined): TextDecoder {
  try {
    return new TextDecoder(label ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}
