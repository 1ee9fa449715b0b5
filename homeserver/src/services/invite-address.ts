import { fromDenial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { appendEvent } from './append-event.ts';
import { appendMember } from './append-member.ts';
import { IdentityServer, requireTrusted, type ThirdPartyAddress } from './identity-server.ts';
import { type InviteParts, requireInvitable } from './invitees.ts';
import { memberContent } from './member-content.ts';
import { publicFetch } from './public-fetch.ts';

/**
 * Invites whoever an address belongs to: by user id if the identity server knows it, else by an offer in the
 * room that waits until its owner claims it. Nobody is asked or told anything for who may not invite.
 * @param more further content of the invitation of a known user
 * @throws MatrixError
 */
export async function inviteAddress(
  parts: InviteParts,
  roomId: RoomId,
  sender: UserId,
  address: ThirdPartyAddress,
  more: JsonObject = {},
): Promise<void> {
  const { db, env, config, stubs } = parts;
  requireTrusted(address, config);
  const room = stubs.room(roomId);
  const shown = await room.readForInvite(sender);
  if (shown.kind === 'denied') throw fromDenial(shown);
  const server = new IdentityServer(publicFetch(env, config), address);
  const userId = await server.lookUp();
  if (userId) {
    await requireInvitable(parts, sender, [userId]);
    const content = await memberContent(db, config, userId, 'invite', more);
    const event = { sender, type: 'm.room.member', stateKey: userId, content };
    const invited = await appendMember(parts, roomId, event);
    if (invited.kind === 'denied') throw fromDenial(invited);
    return;
  }
  const profile = await memberContent(db, config, sender, 'join');
  const { token, content } = await server.storeInvite({
    room_id: roomId,
    sender,
    room_alias: shown.canonicalAlias,
    room_avatar_url: shown.avatarUrl,
    room_join_rules: shown.joinRule,
    room_name: shown.name,
    room_type: shown.roomType,
    sender_display_name: profile.displayname,
    sender_avatar_url: profile.avatar_url,
  });
  const offer = { sender, type: 'm.room.third_party_invite', stateKey: token, content };
  const offered = await appendEvent(parts, roomId, offer);
  if (offered.kind === 'denied') throw fromDenial(offered);
}
