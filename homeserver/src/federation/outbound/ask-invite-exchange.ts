import type { MatrixError } from '../../../../matrix/errors.ts';
import { type RoomId, serverNameOf, type UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { Env } from '../../env.ts';
import { request } from '../federation-client.ts';
import { refusal, unreachable } from './ask-membership.ts';

/** The other server asks this one for its signature meanwhile. */
const timeoutMs = 30_000;
const maxBytes = 64 * 1024;

/**
 * Server-server API, `PUT /exchange_third_party_invite/{roomId}`: asks the server of whoever invited an address to invite
 * its owner. @returns why it did not
 */
export async function askInviteExchange(
  env: Env,
  roomId: RoomId,
  { sender, userId, signed }: { sender: UserId; userId: UserId; signed: JsonObject },
): Promise<MatrixError | undefined> {
  const server = serverNameOf(sender);
  const answer = await request(env, server, {
    method: 'PUT',
    path: `/_matrix/federation/v1/exchange_third_party_invite/${encodeURIComponent(roomId)}`,
    body: {
      type: 'm.room.member',
      room_id: roomId,
      sender,
      state_key: userId,
      content: { membership: 'invite', third_party_invite: { display_name: '', signed } },
    },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server, answer);
  return answer.status === 200 ? undefined : refusal(answer.status, answer.json);
}
