import * as v from 'valibot';
import { missingParam } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { appendMember } from '../../../services/append-member.ts';
import { inviteAddress } from '../../../services/invite-address.ts';
import { requireInvitable } from '../../../services/invitees.ts';
import { memberContent } from '../../../services/member-content.ts';
import { endpoint } from '../../endpoint.ts';
import { granted, reasonField, roomIdParam, userIdField } from '../room-requests.ts';
import { thirdPartyAddress } from './third-party-address.ts';

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidinvite
 * With `medium` it is `inviteBy3PID`, the invitation of whoever an address belongs to.
 */
export const inviteUser = endpoint({
  operationId: 'inviteUser',
  method: 'POST',
  paths: ['/_matrix/client/v3/rooms/{roomId}/invite'],
  auth: 'accessToken',
  rateLimit: 'default',
  body: v.union([
    v.pipe(
      v.looseObject({ medium: v.string() }),
      thirdPartyAddress,
      v.transform((address) => ({ address })),
    ),
    v.object({ user_id: v.optional(userIdField), reason: reasonField, medium: v.optional(v.undefined()) }),
  ]),
  async handler({ body, params, env, config, stubs }, { userId }) {
    const roomId = roomIdParam(params.roomId);
    const db = openD1(env.DB, config.meter);
    const parts = { db, env, config, stubs };
    if ('address' in body) {
      await inviteAddress(parts, roomId, userId, body.address);
      return {};
    }
    const { user_id: invitee, reason } = body;
    if (!invitee) throw missingParam('user_id');
    await requireInvitable(parts, userId, [invitee]);
    const more = reason === undefined ? {} : { reason };
    const content = await memberContent(db, config, invitee, 'invite', more);
    const event = { sender: userId, type: 'm.room.member', stateKey: invitee, content };
    granted(await appendMember(parts, roomId, event));
    return {};
  },
});
