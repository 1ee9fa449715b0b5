/**
 * The sizes that thumbnails are made in. Clients ask for any; each size made is time, storage and one of the
 * transformations that the runtime counts, so they are rounded up to a few.
 */

export interface ThumbnailSize {
  method: 'crop' | 'scale';
  width: number;
  height: number;
}

/** Ascending. The last crop is for avatars on screens with several pixels to the point. */
const sizes: readonly ThumbnailSize[] = [
  { method: 'crop', width: 32, height: 32 },
  { method: 'crop', width: 96, height: 96 },
  { method: 'crop', width: 320, height: 320 },
  { method: 'scale', width: 320, height: 240 },
  { method: 'scale', width: 640, height: 480 },
  { method: 'scale', width: 800, height: 600 },
];
const largest: ThumbnailSize = { method: 'scale', width: 800, height: 600 };

/** The smallest size that is not below what is asked for; beyond the largest of its method, the largest of all. */
export function roundThumbnailSize(asked: ThumbnailSize): ThumbnailSize {
  return (
    sizes.find(
      ({ method, width, height }) =>
        method === asked.method && width >= asked.width && height >= asked.height,
    ) ?? largest
  );
}

/** Whether a picture is within the size as it is. */
export function fitsWithin(
  picture: { width: number; height: number },
  { method, width, height }: ThumbnailSize,
): boolean {
  const isSquare = picture.width === picture.height;
  return picture.width <= width && picture.height <= height && (method === 'scale' || isSquare);
}
