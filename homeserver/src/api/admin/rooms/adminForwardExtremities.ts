import { granted, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** Ends of the event graph. They are joined by further events, so there is no need to delete any. https://element-hq.github.io/synapse/latest/admin_api/rooms.html#check-for-forward-extremities */
export const adminForwardExtremities = endpoint({
  operationId: 'adminForwardExtremities',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/forward_extremities'],
  auth: 'administrator',
  rateLimit: 'default',
  async handler({ params, stubs }) {
    const { events } = granted(await stubs.room(roomIdParam(params.roomId)).forwardExtremities());
    return {
      count: events.length,
      results: events.map(({ eventId, depth, cameMs }) => ({
        event_id: eventId,
        state_group: null,
        depth,
        received_ts: cameMs,
      })),
    };
  },
});
