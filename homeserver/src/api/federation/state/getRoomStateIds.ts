import * as v from 'valibot';
import { fromDenial } from '../../../../../matrix/errors.ts';
import { eventIdField } from '../../../federation/inbound/edu-fields.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1state_idsroomid */
export const getRoomStateIds = endpoint({
  operationId: 'getRoomStateIds',
  method: 'GET',
  paths: ['/_matrix/federation/v1/state_ids/{roomId}'],
  auth: 'server',
  query: v.object({ event_id: eventIdField }),
  async handler({ stubs, params, query }, { origin }) {
    const ids = await stubs.room(roomIdParam(params)).stateIdsFor(origin, query.event_id);
    if (ids.kind === 'denied') throw fromDenial(ids);
    return { pdu_ids: ids.state, auth_chain_ids: ids.authChain };
  },
});
