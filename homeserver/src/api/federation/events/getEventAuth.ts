import { fromDenial } from '../../../../../matrix/errors.ts';
import { streamPdus } from '../../../federation/stream-pdus.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1event_authroomideventid */
export const getEventAuth = endpoint({
  operationId: 'getEventAuth',
  method: 'GET',
  paths: ['/_matrix/federation/v1/event_auth/{roomId}/{eventId}'],
  auth: 'server',
  async handler({ stubs, params }, { origin }) {
    const room = stubs.room(roomIdParam(params));
    const eventId = eventIdParam(params);
    const chain = await room.authChainFor(origin, eventId);
    if (chain.kind === 'denied') throw fromDenial(chain);
    return streamPdus(room, origin, {}, { auth_chain: chain.eventIds }, undefined, eventId);
  },
});
