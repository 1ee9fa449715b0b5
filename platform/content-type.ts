/** The type without its parameters: `image/png` of `Image/PNG; x=y`. */
export function essence(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
