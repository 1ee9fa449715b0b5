import * as v from 'valibot';
import type { Directory } from '../../../storage/d1/public-rooms.ts';
import { shortText } from '../request-fields.ts';
import { type ListQuery, maxPage } from './list-rooms.ts';

/** Body of `POST /publicRooms`, of both APIs. */
export const listBody = {
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), maxPage),
  since: v.optional(shortText),
  include_all_networks: v.optional(v.boolean(), false),
  /** Stands with `include_all_networks` false for the rooms of that network alone. */
  third_party_instance_id: v.nullish(shortText),
  filter: v.optional(
    v.object({
      generic_search_term: v.nullish(shortText),
      room_types: v.nullish(v.array(v.nullable(shortText))),
    }),
    {},
  ),
};

const schema = v.object(listBody);

export function listQueryOf(body: v.InferOutput<typeof schema>): ListQuery {
  return {
    limit: body.limit,
    since: body.since,
    searchTerm: body.filter.generic_search_term ?? undefined,
    roomTypes: body.filter.room_types ?? undefined,
    directory: directoryOf(body),
  };
}

function directoryOf(body: v.InferOutput<typeof schema>): Directory {
  if (body.include_all_networks) return { kind: 'all' };
  const instanceId = body.third_party_instance_id;
  return instanceId ? { kind: 'network', instanceId } : { kind: 'own' };
}
