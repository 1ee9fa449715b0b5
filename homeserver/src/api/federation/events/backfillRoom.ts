import * as v from 'valibot';
import { invalidParam } from '../../../../../matrix/errors.ts';
import type { EventId } from '../../../../../matrix/identifiers.ts';
import { endpoint } from '../../endpoint.ts';
import { pdusOf } from '../answer-pdus.ts';
import { roomIdParam } from '../path-fields.ts';

const maxEvents = 100;
const maxFrom = 20;
const query = v.object({
  limit: v.pipe(v.string(), v.regex(/^\d{1,9}$/), v.transform(Number)),
});

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1backfillroomid */
export const backfillRoom = endpoint({
  operationId: 'backfillRoom',
  method: 'GET',
  paths: ['/_matrix/federation/v1/backfill/{roomId}'],
  auth: 'server',
  query,
  async handler({ config, stubs, params, query: { limit }, url }, { origin }) {
    const from = url.searchParams.getAll('v') as EventId[];
    if (from.length === 0 || from.length > maxFrom) throw invalidParam(`v: one to ${maxFrom} event ids`);
    const room = stubs.room(roomIdParam(params));
    const pdus = pdusOf(await room.backfillFor(origin, { from, limit: Math.min(limit, maxEvents) }));
    return { origin: config.serverName, origin_server_ts: Date.now(), pdus };
  },
});
