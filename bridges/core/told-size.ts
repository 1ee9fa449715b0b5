/** How long a body is, if its headers tell: not of a compressed one, which comes out longer. */
export function toldSize({ headers }: Response): { sizeBytes?: number } {
  const length = headers.get('content-length');
  if (length === null || !/^\d+$/.test(length) || headers.has('content-encoding')) return {};
  return { sizeBytes: Number(length) };
}
