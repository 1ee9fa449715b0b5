import { takeSigned } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

/**
 * The older form.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1send_leaveroomideventid
 */
export const sendLeaveV1 = endpoint({
  operationId: 'sendLeaveV1',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_leave/{roomId}/{eventId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, sender) {
    await takeSigned({ env, config, stubs }, roomIdParam(params), sender, {
      eventId: eventIdParam(params),
      membership: 'leave',
    });
    return [200, {}];
  },
});
