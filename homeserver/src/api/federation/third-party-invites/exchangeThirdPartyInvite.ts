import * as v from 'valibot';
import { forbidden, invalidParam } from '../../../../../matrix/errors.ts';
import { serverNameOf } from '../../../../../matrix/identifiers.ts';
import { openD1 } from '../../../../../platform/d1.ts';
import { userIdField } from '../../../federation/inbound/edu-fields.ts';
import { exchangeInvite, type SignedClaim } from '../../../services/claim-invite.ts';
import { endpoint } from '../../endpoint.ts';
import { roomIdParam } from '../path-fields.ts';
import { signedClaim } from './signed-claim.ts';

const body = v.object({
  type: v.literal('m.room.member'),
  room_id: v.string(),
  sender: userIdField,
  state_key: userIdField,
  content: v.object({
    membership: v.literal('invite'),
    third_party_invite: v.object({ signed: signedClaim }),
  }),
});

/** https://spec.matrix.org/v1.16/server-server-api/#put_matrixfederationv1exchange_third_party_inviteroomid */
export const exchangeThirdPartyInvite = endpoint({
  operationId: 'exchangeThirdPartyInvite',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/exchange_third_party_invite/{roomId}'],
  auth: 'server',
  body,
  async handler({ env, config, stubs, params, body: event }, { origin }) {
    const roomId = roomIdParam(params);
    const { sender, state_key: userId, content } = event;
    if (event.room_id !== roomId) throw invalidParam('The event is of another room');
    if (serverNameOf(userId) !== origin) throw forbidden('The invitee is of another server');
    const signed = content.third_party_invite.signed as unknown as SignedClaim;
    const parts = { env, config, stubs, db: openD1(env.DB, config.meter) };
    await exchangeInvite(parts, { roomId, userId, sender, signed });
    return {};
  },
});
