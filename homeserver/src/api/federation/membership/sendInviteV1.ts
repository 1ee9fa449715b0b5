import { receiveInvite } from '../../../services/receive-invite.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

/**
 * For rooms of version 1 and 2, of which this form says nothing: 1 is assumed.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1inviteroomideventid
 */
export const sendInviteV1 = endpoint({
  operationId: 'sendInviteV1',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/invite/{roomId}/{eventId}'],
  auth: 'server',
  async handler({ env, config, stubs, params }, { origin, content, problems }) {
    const { unsigned, ...event } = content;
    const strippedState = (unsigned as { invite_room_state?: never } | undefined)?.invite_room_state;
    const invite = {
      origin,
      roomId: roomIdParam(params),
      eventId: eventIdParam(params),
      roomVersion: '1',
      event,
      problems,
      strippedState,
    };
    return [200, { event: await receiveInvite({ env, config, stubs }, invite) }];
  },
});
