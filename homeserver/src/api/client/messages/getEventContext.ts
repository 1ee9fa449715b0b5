import * as v from 'valibot';
import { endpoint } from '../../endpoint.ts';
import { positionToken } from '../pagination-token.ts';
import { eventIdParam, granted, integerField, roomIdParam, viewerOf } from '../room-requests.ts';
import { shownTo } from './ignored-senders.ts';
import { filterField } from './room-event-filter.ts';

const maxLimit = 100;

/** https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidcontexteventid */
export const getEventContext = endpoint({
  operationId: 'getEventContext',
  method: 'GET',
  paths: ['/_matrix/client/v3/rooms/{roomId}/context/{eventId}'],
  auth: 'accessToken',
  query: v.object({
    limit: v.optional(integerField(0, maxLimit), '10'),
    filter: v.optional(filterField),
  }),
  async handler({ params, query, stubs }, requester) {
    const room = stubs.room(roomIdParam(params.roomId));
    const eventId = eventIdParam(params.eventId);
    const [read, isShown] = await Promise.all([
      room.readContext(viewerOf(requester), eventId, query.limit, query.filter),
      shownTo(stubs, requester),
    ]);
    const context = granted(read);
    return {
      start: positionToken(context.start),
      end: positionToken(context.end),
      event: context.event,
      events_before: context.eventsBefore.filter(isShown),
      events_after: context.eventsAfter.filter(isShown),
      state: context.state,
    };
  },
});
