import { invalidParam } from '../../../../../matrix/errors.ts';
import { parseRoomId, type RoomId } from '../../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { mapConcurrently } from '../../../../../platform/map-concurrently.ts';
import type { RoomPreview } from '../../../objects/room-rpc.ts';
import {
  countPublished,
  type Directory,
  type ListPlace,
  publishedRooms,
} from '../../../storage/d1/public-rooms.ts';
import type { Call } from '../../endpoint.ts';
import { roomChunk } from '../rooms/room-chunk.ts';

/** Rooms on one page, and asked at once. */
export const maxPage = 50;
/** Rooms that one request looks at, at most, while it looks for those that match. */
const maxLookedAt = 200;
/** Requests to rooms under way at once. */
const width = 20;

export interface ListQuery {
  limit: number;
  since?: string | undefined;
  searchTerm?: string | undefined;
  roomTypes?: (string | null)[] | undefined;
  /** Absent: the rooms that are listed under no network. */
  directory?: Directory | undefined;
}

/** One page of the published directory, in the order of room ids. */
export async function listRooms(
  { env, config, stubs }: Call<unknown, unknown>,
  query: ListQuery,
): Promise<object> {
  const { limit, since, directory } = query;
  const start = since ? readToken(since) : undefined;
  const db = openD1(env.DB, config.meter);
  const page = Math.min(limit, maxPage);
  const chunk: JsonObject[] = [];
  const lookedAt: RoomId[] = [];
  let place = start ?? { dir: 'f' as const, roomId: '' };
  let isEnd = false;
  while (!isEnd && chunk.length < page && lookedAt.length < maxLookedAt) {
    const wanted = page - chunk.length;
    const roomIds = await publishedRooms(db, place, wanted + 1, directory);
    const asked = roomIds.slice(0, wanted);
    const previews = await mapConcurrently(asked, width, (roomId) => stubs.room(roomId).readPreview());
    chunk.push(...previews.filter((preview) => isListed(preview, query)).map(roomChunk));
    lookedAt.push(...asked);
    isEnd = roomIds.length <= wanted;
    place = { dir: place.dir, roomId: asked.at(-1) ?? place.roomId };
  }
  if (place.dir === 'b') chunk.reverse();
  const [first, last] = place.dir === 'b' ? [lookedAt.at(-1), lookedAt[0]] : [lookedAt[0], lookedAt.at(-1)];
  const hasNext = place.dir === 'b' || !isEnd;
  const hasPrevious = place.dir === 'b' ? !isEnd : start !== undefined;
  return {
    chunk,
    ...(hasNext && last ? { next_batch: token({ dir: 'f', roomId: last }) } : {}),
    ...(hasPrevious && first ? { prev_batch: token({ dir: 'b', roomId: first }) } : {}),
    total_room_count_estimate: await countPublished(db, directory),
  };
}

function isListed(
  preview: RoomPreview | { kind: 'denied' },
  { searchTerm, roomTypes }: ListQuery,
): preview is RoomPreview {
  return (
    preview.kind === 'preview' &&
    preview.isOpen &&
    matchesSearch(preview, searchTerm) &&
    (!roomTypes || roomTypes.includes(preview.roomType ?? null))
  );
}

function matchesSearch({ name, topic, canonicalAlias }: RoomPreview, term: string | undefined): boolean {
  if (!term) return true;
  const wanted = term.toLowerCase();
  return [name, topic, canonicalAlias].some((text) => text?.toLowerCase().includes(wanted));
}

/** Direction and the room that the page begins behind, or ends before. */
function token({ dir, roomId }: ListPlace): string {
  return Buffer.from(dir + roomId).toString('base64url');
}

/** @throws `M_INVALID_PARAM` */
function readToken(text: string): ListPlace {
  const decoded = Buffer.from(text, 'base64url').toString();
  const dir = decoded[0];
  const roomId = parseRoomId(decoded.slice(1));
  if ((dir !== 'f' && dir !== 'b') || !roomId) throw invalidParam('since: unknown token');
  return { dir, roomId };
}
