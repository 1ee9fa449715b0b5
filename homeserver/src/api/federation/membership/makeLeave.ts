import { makeTemplate } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam, userIdParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1make_leaveroomiduserid */
export const makeLeave = endpoint({
  operationId: 'makeLeave',
  method: 'GET',
  paths: ['/_matrix/federation/v1/make_leave/{roomId}/{userId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, { origin }) {
    const { roomVersion, event } = await makeTemplate({ env, config, stubs }, roomIdParam(params), {
      server: origin,
      userId: userIdParam(params, origin),
      membership: 'leave',
      versions: [],
    });
    return { room_version: roomVersion, event };
  },
});
