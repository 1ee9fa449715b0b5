import * as v from 'valibot';
import { administrator } from '../../../objects/room-rpc.ts';
import { filterField } from '../../client/messages/room-event-filter.ts';
import { positionToken } from '../../client/pagination-token.ts';
import { eventIdParam, granted, integerField, roomIdParam } from '../../client/room-requests.ts';
import { endpoint } from '../../endpoint.ts';

/** https://element-hq.github.io/synapse/latest/admin_api/rooms.html#event-context-api */
export const adminEventContext = endpoint({
  operationId: 'adminEventContext',
  method: 'GET',
  paths: ['/_synapse/admin/v1/rooms/{roomId}/context/{eventId}'],
  auth: 'administrator',
  rateLimit: 'default',
  query: v.object({ limit: v.optional(integerField(0, 100), '10'), filter: v.optional(filterField) }),
  async handler({ params, query, stubs }) {
    const room = stubs.room(roomIdParam(params.roomId));
    const eventId = eventIdParam(params.eventId);
    granted(await room.facts());
    const context = granted(
      await room.readContext({ userId: administrator }, eventId, query.limit, query.filter),
    );
    return {
      start: positionToken(context.start),
      end: positionToken(context.end),
      event: context.event,
      events_before: context.eventsBefore,
      events_after: context.eventsAfter,
      state: context.state,
    };
  },
});
