import { denial } from '../../../matrix/errors.ts';
import type { RoomId } from '../../../matrix/identifiers.ts';
import type { Env } from '../env.ts';
import { signedByPolicyServer } from '../federation/outbound/ask-policy-server.ts';
import type { AppendInput, AppendResult } from '../objects/room-rpc.ts';
import type { Stubs } from '../objects/stubs.ts';

export interface AppendParts {
  env: Env;
  stubs: Stubs;
}

/**
 * Appends an event of a local user. If the room has a policy server, that has to sign the event first: `M_FORBIDDEN` if it
 * refuses, a 5xx, upon which the client tries again, if it cannot be asked.
 */
export async function appendEvent(
  { env, stubs }: AppendParts,
  roomId: RoomId,
  input: AppendInput,
): Promise<AppendResult> {
  const room = stubs.room(roomId);
  const result = await room.appendOrDraft(input);
  if (result.kind !== 'unsigned') return result;
  const signed = await signedByPolicyServer(env, result);
  return 'pdu' in signed ? room.takeSigned({ ...signed.pdu }, input.transaction) : denial(signed);
}
