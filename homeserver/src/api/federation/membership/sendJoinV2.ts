import * as v from 'valibot';
import { streamPdus } from '../../../federation/stream-pdus.ts';
import { takeSigned } from '../../../services/serve-membership.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

const parameters = v.object({ omit_members: v.optional(v.picklist(['true', 'false']), 'false') });

/**
 * The answer may be long, and is a stream.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv2send_joinroomideventid
 */
export const sendJoinV2 = endpoint({
  operationId: 'sendJoinV2',
  method: 'PUT',
  paths: ['/_matrix/federation/v2/send_join/{roomId}/{eventId}'],
  auth: 'server',
  query: parameters,
  async handler({ env, config, stubs, params, query }, sender) {
    const roomId = roomIdParam(params);
    const taken = await takeSigned({ env, config, stubs }, roomId, sender, {
      eventId: eventIdParam(params),
      membership: 'join',
      omitMembers: query.omit_members === 'true',
    });
    const members = {
      event: taken.event,
      members_omitted: taken.membersOmitted,
      origin: config.serverName,
      servers_in_room: taken.serversInRoom,
    };
    const lists = { auth_chain: taken.authChain, state: taken.state };
    return streamPdus(stubs.room(roomId), sender.origin, members, lists);
  },
});
