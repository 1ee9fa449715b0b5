import * as v from 'valibot';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { endpoint } from '../../endpoint.ts';
import { pdusOf } from '../answer-pdus.ts';
import { roomIdParam } from '../path-fields.ts';

const maxEvents = 100;
const ids = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(255))),
  v.maxLength(100),
  v.transform((values) => values as EventId[]),
);
const body = v.object({
  earliest_events: ids,
  latest_events: ids,
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 10),
  min_depth: v.optional(v.pipe(v.number(), v.integer()), 0),
});

/** https://spec.matrix.org/v1.16/server-server-api/#post_matrixfederationv1get_missing_eventsroomid */
export const getMissingPreviousEvents = endpoint({
  operationId: 'getMissingPreviousEvents',
  method: 'POST',
  paths: ['/_matrix/federation/v1/get_missing_events/{roomId}'],
  auth: 'server',
  body,
  async handler({ stubs, params, body: wanted }, { origin }) {
    const answer = await stubs.room(roomIdParam(params)).missingEventsFor(origin, {
      earliest: wanted.earliest_events,
      latest: wanted.latest_events,
      limit: Math.min(wanted.limit, maxEvents),
      minDepth: wanted.min_depth,
    });
    return { events: pdusOf(answer) };
  },
});
