import * as v from 'valibot';
import { administrator } from '../../../objects/room-rpc.ts';
import { granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';
import { searchField } from '../admin-fields.ts';

/** With `type`, only state of it. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#room-state-api */
export const adminRoomState = endpoint({
  operationId: 'adminRoomState',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/state'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ type: searchField }),
  async handler({ params, query, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    granted(await room.facts());
    const { events } = granted(await room.readState(administrator));
    return { state: events.filter(({ type }) => query.type === undefined || query.type === type) };
  },
});
