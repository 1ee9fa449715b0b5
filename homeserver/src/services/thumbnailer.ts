import { errorText, log } from '../../../platform/log.ts';
import type { ImageHeader } from './image-header.ts';
import type { ThumbnailSize } from './thumbnail-size.ts';

export type Shrunk =
  | { kind: 'made'; bytes: Uint8Array<ArrayBuffer>; contentType: string }
  /** The file is damaged. */
  | { kind: 'impossible' }
  /** Nothing is known about the file: there is no codec, or the month's transformations are used up. */
  | { kind: 'unavailable' };

/** Decodes, turns upright, shrinks and encodes pictures. What moves is stilled. */
export interface Thumbnailer {
  /** Never enlarges. @param body a picture whose header has been checked */
  shrink(
    body: ReadableStream<Uint8Array>,
    type: ImageHeader['contentType'],
    size: ThumbnailSize,
  ): Promise<Shrunk>;
}

/** Cloudflare Images: the free transformations of the month are used up. */
const outOfTransformations = 9422;

/** A type that shows whatever the picture does, transparency included. */
const outputTypes = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/gif': 'image/png',
  'image/webp': 'image/webp',
} as const;

/**
 * By the Images binding: Cloudflare's service, or libvips in the local runtime. No decoder runs in the
 * Worker, whose memory and time a picture could exhaust.
 */
export class ImagesThumbnailer implements Thumbnailer {
  readonly #images: ImagesBinding | undefined;

  constructor(images: ImagesBinding | undefined) {
    this.#images = images;
  }

  async shrink(
    body: ReadableStream<Uint8Array>,
    type: ImageHeader['contentType'],
    { method, width, height }: ThumbnailSize,
  ): Promise<Shrunk> {
    if (!this.#images) return { kind: 'unavailable' };
    try {
      const result = await this.#images
        .input(body)
        .transform({ width, height, fit: method === 'crop' ? 'crop' : 'scale-down' })
        .output({ format: outputTypes[type], anim: false });
      const bytes = new Uint8Array(await new Response(result.image()).arrayBuffer());
      return { kind: 'made', bytes, contentType: result.contentType() };
    } catch (error) {
      log('info', 'thumbnail.failed', { error: errorText(error).slice(0, 200) });
      const { code } = error as { code?: unknown };
      return { kind: code === outOfTransformations ? 'unavailable' : 'impossible' };
    }
  }
}
