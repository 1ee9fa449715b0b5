import { makeTemplate } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam, userIdParam, versionsParam } from '../path-fields.ts';

/** https://spec.matrix.org/v1.16/server-server-api/#get_matrixfederationv1make_joinroomiduserid */
export const makeJoin = endpoint({
  operationId: 'makeJoin',
  method: 'GET',
  paths: ['/_matrix/federation/v1/make_join/{roomId}/{userId}'],
  auth: 'server',
  async handler({ env, config, stubs, params, url }, { origin }) {
    const { roomVersion, event } = await makeTemplate({ env, config, stubs }, roomIdParam(params), {
      server: origin,
      userId: userIdParam(params, origin),
      membership: 'join',
      versions: versionsParam(url),
    });
    return { room_version: roomVersion, event };
  },
});
