import * as v from 'valibot';
import type { JsonObject } from '../../../../../matrix/json.ts';
import { searchWords } from '../../../protocol/search-words.ts';
import { ignoredUsers, readHits, roomsToSearch, searchRooms } from '../../../services/search-rooms.ts';
import {
  maxOffset,
  parseSearchToken,
  type SearchPlace,
  searchToken,
} from '../../../services/search-token.ts';
import { type Call, endpoint, type Requester } from '../../endpoint.ts';
import { viewerOf } from '../room-requests.ts';
import { type SearchCriteria, searchBody } from './search-body.ts';
import { foundResult, groupsOf, statesOf } from './search-results.ts';

const maxLimit = 100;
const maxContext = 20;
const allKeys = ['body', 'name', 'topic'] as const;

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3search */
export const search = endpoint({
  operationId: 'search',
  method: 'POST',
  paths: ['/_matrix/client/v3/search'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: searchBody,
  query: v.object({ next_batch: v.optional(v.string()) }),
  async handler({ body, query, stubs }, requester) {
    const criteria = body.search_categories.room_events;
    if (!criteria) return { search_categories: {} };
    const place = query.next_batch ? parseSearchToken(query.next_batch) : { offset: 0, beganMs: Date.now() };
    return { search_categories: { room_events: await searchEvents(stubs, requester, criteria, place) } };
  },
});

/** 1. The rooms say what they have. 2. It is put in order, of which a page is taken. 3. Its events are read. */
async function searchEvents(
  stubs: Call<unknown, unknown>['stubs'],
  requester: Requester,
  criteria: SearchCriteria,
  place: SearchPlace,
): Promise<JsonObject> {
  const words = searchWords(criteria.search_term);
  if (words.length === 0) return { count: 0, highlights: [], results: [] };
  const viewer = viewerOf(requester);
  const filter = narrowed(criteria.filter, place);
  const limit = pageLimit(criteria.filter);
  const { hits, count } = await searchRooms(
    stubs,
    await roomsToSearch(stubs, viewer.userId, filter),
    {
      ...viewer,
      words,
      keys: criteria.keys?.length
        ? allKeys.filter((key) => criteria.keys?.includes(`content.${key}`))
        : [...allKeys],
      orderBy: criteria.order_by,
      limit: place.offset + limit + 1,
      upToMs: place.beganMs,
      ignored: await ignoredUsers(stubs, viewer.userId),
      ...(filter ? { filter } : {}),
    },
    filter?.rooms !== undefined,
  );
  const end = place.offset + limit;
  const page = hits.slice(place.offset, end);
  const { event_context: wanted } = criteria;
  const context = wanted && {
    before: Math.min(wanted.before_limit, maxContext),
    after: Math.min(wanted.after_limit, maxContext),
    profiles: wanted.include_profile,
  };
  const found = await readHits(stubs, page, viewer, context);
  const groupings = criteria.groupings?.group_by.map(({ key }) => key) ?? [];
  return {
    count,
    highlights: words,
    results: page.flatMap((hit) => {
      const one = found.get(hit.eventId);
      return one ? [foundResult(one, hit.rank)] : [];
    }),
    // A full page always says how to go on: some clients take its absence for an error.
    ...(hits.length >= end && page.length > 0 && end <= maxOffset
      ? { next_batch: searchToken({ ...place, offset: end }) }
      : {}),
    ...(groupings.length > 0 ? { groups: groupsOf(groupings, hits, place, end) } : {}),
    ...(criteria.include_state ? { state: await statesOf(stubs, page, viewer.userId) } : {}),
  };
}

function pageLimit(filter: JsonObject | undefined): number {
  const limit = filter?.limit;
  return typeof limit === 'number' && limit >= 1 ? Math.min(Math.floor(limit), maxLimit) : 10;
}

/** A page of one group is a page of that room or sender alone. */
function narrowed(filter: JsonObject | undefined, { roomId, sender }: SearchPlace): JsonObject | undefined {
  if (roomId === undefined && sender === undefined) return filter;
  return {
    ...filter,
    ...(roomId === undefined ? {} : { rooms: [roomId] }),
    ...(sender === undefined ? {} : { senders: [sender] }),
  };
}
