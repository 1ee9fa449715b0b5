import { notFound } from '../../../../../matrix/errors.ts';
import { findEventFor } from '../../../federation/find-event.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1eventeventid */
export const getEvent = endpoint({
  operationId: 'getEvent',
  method: 'GET',
  paths: ['/_matrix/federation/v1/event/{eventId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, { origin }) {
    const pdu = await findEventFor({ env, config, stubs }, origin, eventIdParam(params));
    if (!pdu) throw notFound('Unknown event');
    return { origin: config.serverName, origin_server_ts: Date.now(), pdus: [pdu] };
  },
});
