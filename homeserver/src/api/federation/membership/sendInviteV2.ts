import * as v from 'valibot';
import { receiveInvite } from '../../../services/receive-invite.ts';
import { endpoint } from '../../endpoint.ts';
import { eventIdParam, roomIdParam } from '../path-fields.ts';

const body = v.object({
  room_version: v.pipe(v.string(), v.maxLength(255)),
  event: v.looseObject({}),
  invite_room_state: v.optional(v.array(v.unknown()), []),
});

/** https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv2inviteroomideventid */
export const sendInviteV2 = endpoint({
  operationId: 'sendInviteV2',
  method: 'PUT',
  paths: ['/_matrix/federation/v2/invite/{roomId}/{eventId}'],
  auth: 'server',
  body,
  async handler({ env, config, stubs, params, body: given }, { origin, content, problems }) {
    const event = await receiveInvite(
      { env, config, stubs },
      {
        origin,
        roomId: roomIdParam(params),
        eventId: eventIdParam(params),
        roomVersion: given.room_version,
        event: content.event,
        problems,
        strippedState: content.invite_room_state,
      },
    );
    return { event };
  },
});
