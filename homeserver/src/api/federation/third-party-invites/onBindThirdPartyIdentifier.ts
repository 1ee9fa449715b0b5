import * as v from 'valibot';
import { notFound } from '../../../../../matrix/errors.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { errorText, log } from '../../../../../platform/log.ts';
import { roomIdField, userIdField } from '../../../federation/inbound/edu-fields.ts';
import { claimInvite, type SignedClaim } from '../../../services/claim-invite.ts';
import { existingUsers, isLocal } from '../../../services/local-accounts.ts';
import { endpoint } from '../../endpoint.ts';
import { signedClaim } from './signed-claim.ts';

const body = v.object({
  mxid: userIdField,
  invites: v.pipe(
    v.array(v.object({ room_id: roomIdField, sender: userIdField, signed: signedClaim })),
    v.maxLength(20),
  ),
});

/**
 * Told by an identity server, which signs what counts and not the request. Each invitation is judged by the room that it
 * is for; the others do not depend on it.
 * https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv13pidonbind
 */
export const onBindThirdPartyIdentifier = endpoint({
  operationId: 'onBindThirdPartyIdentifier',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/3pid/onbind'],
  auth: 'none',
  // Anybody can have us ask other servers by it.
  rateLimit: 'login',
  body,
  async handler({ env, config, stubs, body: { mxid: userId, invites } }) {
    const db = openD1(env.DB, config.meter);
    const ours = isLocal(userId, config) ? [userId] : [];
    if (!(await existingUsers(db, config, ours)).has(userId)) throw notFound('There is no such user');
    for (const { room_id: roomId, sender, signed } of invites) {
      try {
        const claim = { roomId, userId, sender, signed: signed as unknown as SignedClaim };
        await claimInvite({ env, config, stubs, db }, claim);
      } catch (error) {
        log('info', 'federation.invite_not_claimed', { roomId, userId, error: errorText(error) });
      }
    }
    return {};
  },
});
