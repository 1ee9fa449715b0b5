/**
 * `pos` of sliding sync: the connection, the number of what was recorded of it, the position in the user's
 * stream, and the name of the storage.
 */
export interface SlidingToken {
  connection: number;
  seq: number;
  position: number;
}

export function formatSlidingToken({ connection, seq, position }: SlidingToken, tag: string): string {
  return `c${connection}.${seq}.${position}.${tag}`;
}

export function parseSlidingToken(text: string, tag: string, last: number): SlidingToken | undefined {
  const match = /^c(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([0-9a-f]{1,32})$/.exec(text);
  if (match?.[4] !== tag) return undefined;
  const token = { connection: Number(match[1]), seq: Number(match[2]), position: Number(match[3]) };
  return token.position > last ? undefined : token;
}
