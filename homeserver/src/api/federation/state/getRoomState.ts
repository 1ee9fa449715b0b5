import * as v from 'valibot';
import { fromDenial } from '../../../../../matrix/errors.ts';
import { eventIdField } from '../../../federation/inbound/edu-fields.ts';
import { streamPdus } from '../../../federation/stream-pdus.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1stateroomid */
export const getRoomStateForServer = endpoint({
  operationId: 'getRoomState',
  method: 'GET',
  paths: ['/_matrix/federation/v1/state/{roomId}'],
  auth: 'server',
  query: v.object({ event_id: eventIdField }),
  async handler({ stubs, params, query }, { origin }) {
    const room = stubs.room(roomIdParam(params));
    const ids = await room.stateIdsFor(origin, query.event_id);
    if (ids.kind === 'denied') throw fromDenial(ids);
    const lists = { auth_chain: ids.authChain, pdus: ids.state };
    return streamPdus(room, origin, {}, lists, undefined, query.event_id);
  },
});
