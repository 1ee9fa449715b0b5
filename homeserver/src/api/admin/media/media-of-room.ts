import { parseMxcUri, type RoomId } from '../../../../../matrix/identifiers.ts';
import type { Config } from '../../../config.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { granted } from '../../client/room-requests.ts';

/** Stretches of events that one request looks at: 100,000 events. */
const maxStretches = 20;

/** Files that the newest messages of a room name. Where they are encrypted none can be read. @throws `M_NOT_FOUND` */
export async function mediaOfRoom(
  stubs: Stubs,
  config: Config,
  roomId: RoomId,
): Promise<{ local: string[]; remote: string[] }> {
  const room = stubs.room(roomId);
  const uris = new Set<string>();
  let before: number | undefined;
  for (let stretch = 0; stretch < maxStretches; stretch += 1) {
    const found: { uris: string[]; next?: number } = granted(await room.mediaIn(before));
    for (const uri of found.uris) uris.add(uri);
    before = found.next;
    if (before === undefined) break;
  }
  const valid = [...uris].filter((uri) => parseMxcUri(uri) !== undefined);
  const isLocal = (uri: string) => uri.startsWith(`mxc://${config.serverName}/`);
  return { local: valid.filter(isLocal), remote: valid.filter((uri) => !isLocal(uri)) };
}
