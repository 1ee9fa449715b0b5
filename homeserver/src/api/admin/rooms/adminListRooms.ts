import * as v from 'valibot';
import { openD1 } from '../../../../../platform/d1.ts';
import { listRooms, type RoomOrder, roomOrders } from '../../../storage/d1/room-index.ts';
import { booleanField } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { pageFields, searchField } from '../admin-fields.ts';
import { listedRoom } from './room-format.ts';

/** As Synapse has it, forwards means the largest first in these orders. */
const largestFirst: readonly string[] = [
  'joined_members',
  'joined_local_members',
  'version',
  'state_events',
] satisfies RoomOrder[];

/** What a room has become some seconds ago. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#list-room-api */
export const adminListRooms = endpoint({
  operationId: 'adminListRooms',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({
    ...pageFields,
    order_by: v.pipe(
      v.optional(v.picklist([...roomOrders, 'alphabetical', 'size']), 'name'),
      v.transform((order) =>
        order === 'alphabetical' ? 'name' : order === 'size' ? 'joined_members' : order,
      ),
    ),
    search_term: searchField,
    public_rooms: v.optional(booleanField),
    empty_rooms: v.optional(booleanField),
  }),
  async handler({ query, env, config }) {
    const { from, limit, order_by: orderBy } = query;
    const isAscending = (query.dir === 'f') !== largestFirst.includes(orderBy);
    const { rooms, total } = await listRooms(openD1(env.DB, config.meter), {
      orderBy,
      dir: isAscending ? 'f' : 'b',
      from,
      limit,
      searchTerm: query.search_term,
      publicRooms: query.public_rooms,
      emptyRooms: query.empty_rooms,
    });
    const next = from + rooms.length;
    return {
      rooms: rooms.map((room) => listedRoom(room, room.isPublic)),
      offset: from,
      total_rooms: total,
      ...(rooms.length > 0 && next < total && { next_batch: next }),
      ...(from > 0 && { prev_batch: Math.max(0, from - limit) }),
    };
  },
});
