import { streamPdus } from '../../../federation/stream-pdus.ts';
import { takeSigned } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

/**
 * The older form, whose answer is a list of a number and what the newer one answers.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1send_joinroomideventid
 */
export const sendJoinV1 = endpoint({
  operationId: 'sendJoinV1',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_join/{roomId}/{eventId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, sender) {
    const roomId = roomIdParam(params);
    const taken = await takeSigned({ env, config, stubs }, roomId, sender, {
      eventId: eventIdParam(params),
      membership: 'join',
    });
    const members = { event: taken.event, origin: config.serverName };
    const lists = { auth_chain: taken.authChain, state: taken.state };
    return streamPdus(stubs.room(roomId), sender.origin, members, lists, ['[200,', ']']);
  },
});
