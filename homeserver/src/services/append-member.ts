import { type Denial, denial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { parseUserId, serverNameOf } from '../../../matrix/identifiers.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { askForInvite } from '../federation/outbound/ask-for-invite.ts';
import type { AppendInput, AppendResult } from '../objects/room-rpc.ts';

/**
 * Appends a state event; an invitation of another server's user goes to that server first, which may refuse it and signs
 * it: server-server API, "Inviting to a room".
 */
export async function appendMember(
  parts: FederationParts,
  roomId: RoomId,
  input: AppendInput,
): Promise<AppendResult> {
  const room = parts.stubs.room(roomId);
  const invitee = inviteeElsewhere(parts, input);
  if (!invitee) return room.append(input);
  const drafted = await room.draftInvite(input);
  if (drafted.kind === 'denied') return drafted;
  const signed = await askForInvite(parts, serverNameOf(invitee), roomId, drafted);
  if (!('pdu' in signed)) return denial(signed) satisfies Denial;
  return room.takeInvite({ ...signed.pdu });
}

function inviteeElsewhere({ config }: FederationParts, input: AppendInput): UserId | undefined {
  if (input.type !== 'm.room.member' || input.content.membership !== 'invite') return undefined;
  const invitee = parseUserId(input.stateKey ?? '');
  return invitee && serverNameOf(invitee) !== config.serverName ? invitee : undefined;
}
