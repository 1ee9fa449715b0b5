import * as v from 'valibot';
import { MatrixError, missingParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { requireInvitable } from '../../../services/invitees.ts';
import { memberContent } from '../../../services/member-content.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, reasonField, roomIdParam, userIdField } from '../room-requests.ts';

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidinvite */
export const inviteUser = endpoint({
  operationId: 'inviteUser',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/invite'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.object({
    user_id: v.optional(userIdField),
    reason: reasonField,
    /** Present in invitations by e-mail or telephone number, which need an identity server. */
    medium: v.optional(v.string()),
  }),
  async handler({ body, params, env, config, stubs }, { userId }) {
    const { user_id: invitee, reason, medium } = body;
    if (medium !== undefined) {
      throw new MatrixError(403, 'M_THREEPID_DENIED', 'Invitations go to Matrix users only');
    }
    if (!invitee) throw missingParam('user_id');
    const roomId = roomIdParam(params.roomId);
    const db = openD1(env.DB, config.meter);
    await requireInvitable({ db, env, config, stubs }, [invitee]);
    const more = reason === undefined ? {} : { reason };
    const content = await memberContent(db, config, invitee, 'invite', more);
    granted(
      await stubs.room(roomId).append({ sender: userId, type: 'm.room.member', stateKey: invitee, content }),
    );
    return {};
  },
});
