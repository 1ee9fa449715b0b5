/**
 * What a picture is and how large, told by the beginning of the file. Nothing is decoded, so that a file which
 * would unpack to more than the memory there is can be refused first. The uploader's type is not asked.
 */

export interface ImageHeader {
  contentType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** In pixels, before any rotation that the file asks for. */
  width: number;
  height: number;
}

/** @param head the beginning of the file, or all of it @returns nothing if it is no such picture, or is damaged */
export function readImageHeader(head: Uint8Array): ImageHeader | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    const found = pngHeader(view) ?? gifHeader(view) ?? webpHeader(view) ?? jpegHeader(view);
    return found && found.width > 0 && found.height > 0 ? found : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function pngHeader(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== tag('IHDR')) return undefined;
  return { contentType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** @note A frame may be larger than the screen it is for; decoders make the screen fit it. */
function gifHeader(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== tag('GIF8')) return undefined;
  return { contentType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function webpHeader(view: DataView): ImageHeader | undefined {
  if (view.getUint32(0) !== tag('RIFF') || view.getUint32(8) !== tag('WEBP')) return undefined;
  const size = webpSize(view);
  return size && { contentType: 'image/webp', ...size };
}

function webpSize(view: DataView): { width: number; height: number } | undefined {
  switch (view.getUint32(12)) {
    case tag('VP8X'):
      return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
    case tag('VP8L'): {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case tag('VP8 '):
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

/** The size is in the start of the frame (SOF), behind segments that may be long: profiles, previews. */
function jpegHeader(view: DataView): ImageHeader | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at += 1;
    const marker = view.getUint16(at);
    if (marker < 0xff01) return undefined;
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf;
    if (isFrame && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc) {
      return { contentType: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function tag(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32BE();
}
