import { takeSigned } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

/**
 * The state that the knocker is told comes as whole events (MSC4311).
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1send_knockroomideventid
 */
export const sendKnock = endpoint({
  operationId: 'sendKnock',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_knock/{roomId}/{eventId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, sender) {
    const taken = await takeSigned({ env, config, stubs }, roomIdParam(params), sender, {
      eventId: eventIdParam(params),
      membership: 'knock',
    });
    return { knock_room_state: taken.strippedState };
  },
});
