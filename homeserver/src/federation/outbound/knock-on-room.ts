import { type MatrixError, notFound } from '../../../../matrix/errors.ts';
import type { ServerName } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonValue } from '../../../../matrix/json.ts';
import { log } from '../../../../platform/log.ts';
import { request } from '../federation-client.ts';
import type { FederationParts } from '../federation-parts.ts';
import { outsiderDelta, readStrippedState } from '../outsider-delta.ts';
import {
  makeMembership,
  moreTelling,
  type OwnMembership,
  refusal,
  type SignedMembership,
  unreachable,
} from './ask-membership.ts';

const timeoutMs = 30_000;
const maxBytes = 2 * 1024 * 1024;

/**
 * Knocks on a room in which nobody of this server is: server-server API, "Knocking upon a room".
 * @throws MatrixError what the last server that answered said; 404 if there is none to ask
 */
export async function knockThrough(
  parts: FederationParts,
  servers: readonly ServerName[],
  own: Omit<OwnMembership, 'membership'>,
): Promise<void> {
  const { made, answer } = await sendMembership(parts, servers, { ...own, membership: 'knock' });
  const strippedState = readStrippedState(isJsonObject(answer) ? answer.knock_room_state : undefined);
  const { roomId } = own;
  const delta = { roomId, roomVersion: made.version.id, membership: 'knock' as const, strippedState };
  await parts.stubs.user(own.userId).applyRoomDelta(outsiderDelta(delta));
}

/** Makes a leave or knock, and gives it to the first server that takes it. */
export async function sendMembership(
  { env, config }: FederationParts,
  servers: readonly ServerName[],
  own: OwnMembership & { membership: 'leave' | 'knock' },
): Promise<{ made: SignedMembership; answer: JsonValue }> {
  let problem: MatrixError = notFound('No server that is in the room is known');
  for (const server of servers) {
    const made = await makeMembership(env, config, server, own);
    if (!('pdu' in made)) {
      problem = moreTelling(problem, made);
      continue;
    }
    const version = own.membership === 'leave' ? 'v2' : 'v1';
    const answer = await request(env, server, {
      method: 'PUT',
      path: `/_matrix/federation/${version}/send_${own.membership}/${encodeURIComponent(own.roomId)}/${encodeURIComponent(made.eventId)}`,
      body: { ...made.pdu },
      timeoutMs,
      maxBytes,
    });
    if (answer.kind === 'answered' && answer.status === 200) return { made, answer: answer.json };
    const refused =
      answer.kind === 'failed' ? unreachable(server, answer) : refusal(answer.status, answer.json);
    problem = moreTelling(problem, refused);
    log('info', 'federation.membership_failed', { server, roomId: own.roomId, error: refused.message });
  }
  throw problem;
}
