import { Buffer } from 'node:buffer';
import { type MatrixError, notFound } from '../../../../matrix/errors.ts';
import type { EventId, ServerName } from '../../../../matrix/identifiers.ts';
import { parseStrictJson } from '../../../../matrix/strict-json.ts';
import { log } from '../../../../platform/log.ts';
import { requestStream } from '../federation-client.ts';
import type { FederationParts } from '../federation-parts.ts';
import { makeMembership, moreTelling, type OwnMembership, refusal, unreachable } from './ask-membership.ts';
import { takeRoom } from './take-room.ts';

/** Servers that are tried, one after the other. */
const maxServers = 10;
/** Of a room with hundreds of thousands of members; the client waits, and may ask again. */
const timeoutMs = 10 * 60_000;
const maxBytes = 1024 * 1024 * 1024;
const maxRefusalBytes = 64 * 1024;

/**
 * Joins a room in which nobody of this server is, through one of these servers: server-server API, "Joining Rooms".
 * @throws MatrixError what the last server that answered said; 404 if there is none to ask
 */
export async function joinThrough(
  parts: FederationParts,
  servers: readonly ServerName[],
  own: Omit<OwnMembership, 'membership'>,
): Promise<EventId> {
  let problem: MatrixError = notFound('No server that is in the room is known');
  for (const server of candidates(parts, servers)) {
    const result = await joinBy(parts, server, own);
    if (typeof result === 'string') return result;
    problem = moreTelling(problem, result);
    log('info', 'federation.join_failed', { server, roomId: own.roomId, error: result.message });
  }
  throw problem;
}

export function candidates({ config }: FederationParts, servers: readonly ServerName[]): ServerName[] {
  return [...new Set(servers)].filter((server) => server !== config.serverName).slice(0, maxServers);
}

async function joinBy(
  parts: FederationParts,
  server: ServerName,
  own: Omit<OwnMembership, 'membership'>,
): Promise<EventId | MatrixError> {
  const made = await makeMembership(parts.env, parts.config, server, { ...own, membership: 'join' });
  if (!('pdu' in made)) return made;
  const path = `/_matrix/federation/v2/send_join/${encodeURIComponent(own.roomId)}/${encodeURIComponent(made.eventId)}`;
  const answer = await requestStream(parts.env, server, {
    method: 'PUT',
    path,
    query: { omit_members: true },
    body: { ...made.pdu },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server, answer);
  if (answer.status !== 200) return refusal(answer.status, await shortJson(answer.body));
  await takeRoom(parts, own.roomId, made, answer.body, server);
  return made.eventId;
}

async function shortJson(body: ReadableStream<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxRefusalBytes) return null;
    chunks.push(chunk);
  }
  return parseStrictJson(Buffer.concat(chunks))?.value ?? null;
}
