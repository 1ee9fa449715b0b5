import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { forbidden, fromDenial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { parseUserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { askInviteExchange } from '../federation/outbound/ask-invite-exchange.ts';
import { appendMember } from './append-member.ts';
import { isLocal } from './local-accounts.ts';
import { memberContent } from './member-content.ts';

/** What an identity server has signed: that the address behind the token is the user's. */
export type SignedClaim = JsonObject & { mxid: string; token: string };

type Parts = FederationParts & { db: DrizzleD1Database };

export interface Claim {
  roomId: RoomId;
  /** Whose address it is. */
  userId: UserId;
  /** Who invited the address. */
  sender: string;
  signed: SignedClaim;
}

/**
 * Turns an invitation to an address into one to its owner, in the name of who offered it: client-server API,
 * "Third-party invites". If that was a user of another server, that is asked to do so.
 * @throws MatrixError
 */
export async function claimInvite(parts: Parts, claim: Claim): Promise<void> {
  const { roomId, userId, signed } = claim;
  if (signed.mxid !== userId) throw forbidden('The invitation is for another user');
  const sender = parseUserId(claim.sender);
  if (!sender) throw forbidden('The invitation was offered by nobody');
  if (isLocal(sender, parts.config)) return exchangeInvite(parts, { ...claim, sender });
  const refused = await askInviteExchange(parts.env, roomId, { sender, userId, signed });
  if (refused) throw refused;
}

/**
 * The same for an invitation by one of our users. The room checks the signature by the keys of the offer. Who is invited
 * or in the room already needs none.
 * @throws MatrixError
 */
export async function exchangeInvite(parts: Parts, { roomId, userId, sender, signed }: Claim): Promise<void> {
  if (signed.mxid !== userId) throw forbidden('The invitation is for another user');
  const { db, config, stubs } = parts;
  const offer = await stubs.room(roomId).readInviteOffer(userId, signed.token);
  if (offer.kind === 'denied') throw fromDenial(offer);
  if (offer.membership === 'invite' || offer.membership === 'join') return;
  if (offer.sender !== sender) throw forbidden('The invitation was offered by another user');
  if (!isLocal(offer.sender, config)) throw forbidden('The invitation was offered on another server');
  const invite = { display_name: offer.displayName, signed };
  const result = await appendMember(parts, roomId, {
    sender: offer.sender,
    type: 'm.room.member',
    stateKey: userId,
    content: await memberContent(db, config, userId, 'invite', { third_party_invite: invite }),
    onlyFrom: ['leave', 'knock'],
  });
  if (result.kind === 'denied') throw fromDenial(result);
}
