/**
 * Tokens of `/sync`: `s<position>.<tag>`, the position in the user's stream and the name of the storage that
 * made it. `.t<position>` follows where the limit cut to-device messages: those behind it are still to come.
 */
export interface SyncToken {
  position: number;
  /** To-device messages are read up to here. */
  toDevicePosition: number;
}

export function formatSyncToken(token: SyncToken, tag: string): string {
  const cut = token.toDevicePosition < token.position ? `.t${token.toDevicePosition}` : '';
  return `s${token.position}.${tag}${cut}`;
}

/** @returns nothing for a token of another storage, or one from the future */
export function parseSyncToken(text: string, tag: string, last: number): SyncToken | undefined {
  const match = /^s(\d{1,15})\.([0-9a-f]{1,32})(?:\.t(\d{1,15}))?$/.exec(text);
  if (!match?.[1] || match[2] !== tag) return undefined;
  const position = Number(match[1]);
  if (position > last) return undefined;
  return { position, toDevicePosition: match[3] === undefined ? position : Number(match[3]) };
}

/** Pagination token of a room: the gap behind its event number `roomPosition`. */
export function formatRoomToken(roomPosition: number): string {
  return `p${roomPosition}`;
}
