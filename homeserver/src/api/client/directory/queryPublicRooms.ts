import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { shortText } from '../request-fields.ts';
import { listRooms, maxPage } from './list-rooms.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3publicrooms */
export const queryPublicRooms = endpoint({
  operationId: 'queryPublicRooms',
  method: 'POST',
  paths: ['/_matrix/client/v3/publicRooms'],
  auth: 'accessToken',
  rateLimit: 'default',
  query: v.object({ server: v.optional(v.string()) }),
  body: v.object({
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
  }),
  handler: (call) =>
    listRooms(call, {
      limit: call.body.limit,
      since: call.body.since,
      server: call.query.server,
      searchTerm: call.body.filter.generic_search_term ?? undefined,
      roomTypes: call.body.filter.room_types ?? undefined,
      networkId: call.body.include_all_networks
        ? undefined
        : (call.body.third_party_instance_id ?? undefined),
    }),
});
