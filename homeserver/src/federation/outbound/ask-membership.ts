import * as v from 'valibot';
import { type MatrixError, MatrixError as RemoteRefusal, unknown } from '../../../../matrix/errors.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';
import { randomName } from '../../../../platform/random-name.ts';
import type { Config } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { TemplateMembership } from '../../objects/room-serving-rpc.ts';
import { buildEvent } from '../../protocol/build-event.ts';
import type { EventReference, Pdu } from '../../protocol/pdu.ts';
import { type RoomVersion, roomVersion, roomVersions } from '../../protocol/room-versions.ts';
import { type FederationFailure, request } from '../federation-client.ts';

const timeoutMs = 20_000;
const maxBytes = 256 * 1024;

const reference = v.union([v.string(), v.strictTuple([v.string(), v.record(v.string(), v.string())])]);
const template = v.object({
  room_version: v.optional(v.string(), '1'),
  event: v.object({
    prev_events: v.pipe(v.array(reference), v.minLength(1), v.maxLength(20)),
    auth_events: v.pipe(v.array(reference), v.maxLength(10)),
    depth: v.pipe(v.number(), v.integer(), v.minValue(0)),
    content: v.optional(v.looseObject({ join_authorised_via_users_server: v.optional(v.string()) }), {}),
  }),
});

export interface OwnMembership {
  roomId: RoomId;
  userId: UserId;
  membership: TemplateMembership;
  /** Without `membership`. */
  content: JsonObject;
}

export interface SignedMembership {
  pdu: Pdu;
  eventId: EventId;
  version: RoomVersion;
}

/**
 * Server-server API, `GET /make_join`, `/make_leave`, `/make_knock`: a member event of our user, made and signed. Of the
 * other server's template only its place in the graph is taken: nobody else decides what we sign.
 * @returns what the other server answered instead
 */
export async function makeMembership(
  env: Env,
  config: Config,
  server: ServerName,
  { roomId, userId, membership, content }: OwnMembership,
): Promise<SignedMembership | MatrixError> {
  const answer = await request(env, server, {
    method: 'GET',
    path: `/_matrix/federation/v1/make_${membership}/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}`,
    ...(membership === 'leave' ? {} : { query: { ver: Object.keys(roomVersions) } }),
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server, answer);
  if (answer.status !== 200) return refusal(answer.status, answer.json);
  const parsed = v.safeParse(template, answer.json);
  const version = parsed.success ? roomVersion(parsed.output.room_version) : undefined;
  if (!parsed.success || !version) return unknown(`${server} answered with no template`, 502);
  const { prev_events, auth_events, depth, content: offered } = parsed.output.event;
  const via = offered.join_authorised_via_users_server;
  const event = buildEvent({
    version,
    roomId,
    sender: userId,
    type: 'm.room.member',
    stateKey: userId,
    content: {
      ...content,
      membership,
      ...(membership === 'join' && via !== undefined ? { join_authorised_via_users_server: via } : {}),
    },
    prevEvents: prev_events as EventReference[],
    authEvents: auth_events as EventReference[],
    depth,
    originServerTs: Date.now(),
    serverName: config.serverName,
    signingKey: config.signingKey,
    ...(version.eventIds === 'assigned'
      ? { eventId: `$${randomName()}:${config.serverName}` as EventId }
      : {}),
  });
  return { ...event, version };
}

export function unreachable(server: ServerName, { reason }: FederationFailure): MatrixError {
  return unknown(`${server}: ${reason}`, 502);
}

/** What another server refused, for our client: its status and words, as far as they make sense. */
export function refusal(status: number, json: JsonValue): MatrixError {
  const { errcode, error } = isJsonObject(json) ? json : {};
  const isSensible =
    status >= 400 && status < 500 && typeof errcode === 'string' && /^[A-Z][A-Z0-9._]{1,80}$/.test(errcode);
  const text = typeof error === 'string' ? error.slice(0, 300) : `status ${status}`;
  return isSensible && status !== 401
    ? new RemoteRefusal(status, errcode, text)
    : unknown(`The other server refused: ${text}`, 502);
}

/** A refusal says more than silence. */
export function moreTelling(one: MatrixError, other: MatrixError): MatrixError {
  return one.status >= 400 && one.status < 500 && one.status !== 404 && other.status >= 500 ? one : other;
}
