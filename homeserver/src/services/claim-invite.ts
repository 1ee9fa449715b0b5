import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { forbidden, fromDenial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { Config } from '../config.ts';
import { type AppendParts, appendEvent } from './append-event.ts';
import { isLocal } from './local-accounts.ts';
import { memberContent } from './member-content.ts';

/** What an identity server has signed: that the address behind the token is the user's. */
export type SignedClaim = JsonObject & { sender: string; mxid: string; token: string };

/**
 * Turns an invitation to an address into one to its owner, in the name of who offered it: client-server API,
 * "Third-party invites". The room checks the signature by the keys of the offer. Who is invited or in the room
 * already needs none.
 * @throws `M_FORBIDDEN`
 */
export async function claimInvite(
  parts: AppendParts & { db: DrizzleD1Database; config: Config },
  roomId: RoomId,
  userId: UserId,
  signed: SignedClaim,
): Promise<void> {
  if (signed.mxid !== userId) throw forbidden('The invitation is for another user');
  const { db, config, stubs } = parts;
  const offer = await stubs.room(roomId).readInviteOffer(userId, signed.token);
  if (offer.kind === 'denied') throw fromDenial(offer);
  if (offer.membership === 'invite' || offer.membership === 'join') return;
  if (offer.sender !== signed.sender) throw forbidden('The invitation was offered by another user');
  if (!isLocal(offer.sender, config)) throw forbidden('The invitation was offered on another server');
  const invite = { display_name: offer.displayName, signed };
  const result = await appendEvent(parts, roomId, {
    sender: offer.sender,
    type: 'm.room.member',
    stateKey: userId,
    content: await memberContent(db, config, userId, 'invite', { third_party_invite: invite }),
    onlyFrom: ['leave', 'knock'],
  });
  if (result.kind === 'denied') throw fromDenial(result);
}
