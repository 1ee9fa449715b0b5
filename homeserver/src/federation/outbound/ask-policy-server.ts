import { forbidden, type MatrixError, unknown } from '../../../../matrix/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';
import type { Env } from '../../env.ts';
import type { UnsignedEvent } from '../../objects/room-policy-rpc.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import {
  type PolicyServer,
  policyKeyId,
  policySignature,
  withPolicySignature,
} from '../../protocol/policy-server.ts';
import { type RoomVersion, roomVersion } from '../../protocol/room-versions.ts';
import { request } from '../federation-client.ts';
import { refusal, unreachable } from './ask-membership.ts';

/** A client waits for it. */
const timeoutMs = 10_000;
const maxBytes = 64 * 1024;

/**
 * Server-server API, `POST /_matrix/policy/v1/sign`.
 * @returns the event with the policy server's signature; or why there is none: `M_FORBIDDEN` if it refused, 429 if it
 * was asked too often, 5xx if it could not be asked
 */
export async function askPolicyServer(
  env: Env,
  server: PolicyServer,
  version: RoomVersion,
  pdu: Pdu,
): Promise<{ pdu: Pdu } | MatrixError> {
  const answer = await request(env, server.name, {
    method: 'POST',
    path: '/_matrix/policy/v1/sign',
    body: { ...pdu } satisfies JsonObject,
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server.name, answer);
  const { status, json } = answer;
  if (status === 429 || status >= 500) return refusal(status, json);
  const signature = status === 200 ? signatureIn(json, server) : undefined;
  const signed = signature === undefined ? undefined : withPolicySignature(pdu, server, signature);
  if (signed && policySignature(signed, version, server) === 'valid') return { pdu: signed };
  return forbidden(`The room's policy server refuses the event${reasonIn(json)}`);
}

/** The same for an event of ours that a room has drafted. */
export async function signedByPolicyServer(
  env: Env,
  { pdu, roomVersion: versionId, policyServer }: Omit<UnsignedEvent, 'kind'>,
): Promise<{ pdu: Pdu } | MatrixError> {
  const version = roomVersion(versionId);
  if (!version) return unknown('The room has an unknown version');
  return askPolicyServer(env, policyServer, version, pdu as unknown as Pdu);
}

function signatureIn(json: JsonValue, { name }: PolicyServer): string | undefined {
  const own = isJsonObject(json) && Object.hasOwn(json, name) ? json[name] : undefined;
  const signature = isJsonObject(own) ? own[policyKeyId] : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

function reasonIn(json: JsonValue): string {
  const error = isJsonObject(json) ? json.error : undefined;
  return typeof error === 'string' ? `: ${error.slice(0, 300)}` : '';
}
