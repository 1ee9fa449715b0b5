import { invalidParam, notFound } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { RoomPreview } from '../../../objects/room-rpc.ts';
import { publishedRooms } from '../../../storage/d1/public-rooms.ts';
import type { Call } from '../../endpoint.ts';
import { roomChunk } from '../rooms/room-chunk.ts';

/** Rooms asked for one page, at most; a search over more goes on with the next page. */
export const maxPage = 50;
/** Requests to rooms under way at once. */
const width = 20;

export interface ListQuery {
  limit: number;
  since?: string | undefined;
  server?: string | undefined;
  searchTerm?: string | undefined;
  roomTypes?: (string | null)[] | undefined;
}

/** One page of the published directory; the token is the last room looked at. */
export async function listRooms(
  { env, config, stubs }: Call<unknown, unknown>,
  { limit, since, server, searchTerm, roomTypes }: ListQuery,
): Promise<object> {
  if (server !== undefined && server !== config.serverName)
    throw notFound('Only the directory of this server');
  const after = since ? Buffer.from(since, 'base64url').toString() : '';
  if (after !== '' && !after.startsWith('!')) throw invalidParam('since: unknown token');
  const page = Math.min(limit, maxPage);
  const roomIds = await publishedRooms(openD1(env.DB, config.meter), after, page + 1);
  const previews = await mapConcurrently(roomIds.slice(0, page), width, (roomId) =>
    stubs.room(roomId).readPreview(),
  );
  const chunk: JsonObject[] = previews
    .filter((preview) => preview.kind === 'preview')
    .filter((preview) => preview.isOpen)
    .filter((preview) => matchesSearch(preview, searchTerm))
    .filter((preview) => !roomTypes || roomTypes.includes(preview.roomType ?? null))
    .map(roomChunk);
  const last = roomIds.length > page ? roomIds[page - 1] : undefined;
  return {
    chunk,
    ...(last === undefined ? {} : { next_batch: Buffer.from(last).toString('base64url') }),
    ...(after === '' && last === undefined ? { total_room_count_estimate: chunk.length } : {}),
  };
}

function matchesSearch({ name, topic, canonicalAlias }: RoomPreview, term: string | undefined): boolean {
  if (!term) return true;
  const wanted = term.toLowerCase();
  return [name, topic, canonicalAlias].some((text) => text?.toLowerCase().includes(wanted));
}
