import { parseRoomId, type RoomId, type ServerName } from '../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { SpaceView } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';

/** Children that are looked at, and at once. */
const maxChildren = 50;
const width = 10;

export interface ServedHierarchy {
  root: SpaceView;
  children: SpaceView[];
  /** Children that this server knows and the other may not know of. */
  inaccessible: RoomId[];
}

/** Server-server API, `GET /hierarchy/{roomId}`. @returns nothing if the other server may not know of the room */
export async function serveHierarchy(
  stubs: Stubs,
  server: ServerName,
  roomId: RoomId,
  suggestedOnly: boolean,
): Promise<ServedHierarchy | undefined> {
  const root = await viewFor(stubs, server, roomId, suggestedOnly);
  if (root === undefined || root === 'hidden') return undefined;
  const ids = root.children.map(({ state_key }) => parseRoomId(state_key)).filter((id) => id !== undefined);
  const wanted = [...new Set(ids)].slice(0, maxChildren);
  const views = await mapConcurrently(wanted, width, (id) => viewFor(stubs, server, id, suggestedOnly));
  return {
    root,
    children: views.filter((view) => view !== undefined && view !== 'hidden'),
    inaccessible: wanted.filter((_, index) => views[index] === 'hidden'),
  };
}

/** Nothing: the room is not here. */
async function viewFor(
  stubs: Stubs,
  server: ServerName,
  roomId: RoomId,
  suggestedOnly: boolean,
): Promise<SpaceView | 'hidden' | undefined> {
  const view = await stubs.room(roomId).spaceFor(server, suggestedOnly);
  if (view.kind === 'denied') return view.status === 404 ? undefined : 'hidden';
  if (view.preview.isOpen) return view;
  const allowed = (view.preview.allowedRooms ?? []).slice(0, maxChildren);
  const servers = await mapConcurrently(allowed, width, (id) => stubs.room(id).serversInRoom());
  return servers.flat().includes(server) ? view : 'hidden';
}
