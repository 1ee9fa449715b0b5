import { type Denial, denial } from '../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../matrix/identifiers.ts';
import { parseUserId, serverNameOf } from '../../../matrix/identifiers.ts';
import type { FederationParts } from '../federation/federation-parts.ts';
import { askForInvite } from '../federation/outbound/ask-for-invite.ts';
import { signedByPolicyServer } from '../federation/outbound/ask-policy-server.ts';
import type { AppendInput, AppendResult } from '../objects/room-rpc.ts';
import type { Pdu } from '../protocol/pdu.ts';
import { policyKeyId, withPolicySignature } from '../protocol/policy-server.ts';
import { appendEvent } from './append-event.ts';

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
  if (!invitee) return appendEvent(parts, roomId, input);
  const drafted = await room.draftInvite(input);
  if (drafted.kind === 'denied') return drafted;
  const { policyServer } = drafted;
  const allowed = policyServer
    ? await signedByPolicyServer(parts.env, { ...drafted, policyServer })
    : { pdu: drafted.pdu as unknown as Pdu };
  if (!('pdu' in allowed)) return denial(allowed) satisfies Denial;
  const invite = { ...drafted, pdu: { ...allowed.pdu } };
  const signed = await askForInvite(parts, serverNameOf(invitee), roomId, invite);
  if (!('pdu' in signed)) return denial(signed) satisfies Denial;
  // That server need not have kept the signatures of others.
  const signature = policyServer && allowed.pdu.signatures[policyServer.name]?.[policyKeyId];
  const pdu = signature ? withPolicySignature(signed.pdu, policyServer, signature) : signed.pdu;
  return room.takeInvite({ ...pdu });
}

function inviteeElsewhere({ config }: FederationParts, input: AppendInput): UserId | undefined {
  if (input.type !== 'm.room.member' || input.content.membership !== 'invite') return undefined;
  const invitee = parseUserId(input.stateKey ?? '');
  return invitee && serverNameOf(invitee) !== config.serverName ? invitee : undefined;
}
