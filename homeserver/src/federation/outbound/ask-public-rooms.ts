import { type MatrixError, unknown } from '../../../../matrix/errors.ts';
import type { ServerName } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Env } from '../../env.ts';
import { request } from '../federation-client.ts';
import { refusal, unreachable } from './ask-membership.ts';

const timeoutMs = 20_000;
const maxBytes = 2 * 1024 * 1024;

/** Server-server API, `POST /publicRooms`. @param query as the client-server API has it */
export async function askPublicRooms(
  env: Env,
  server: ServerName,
  query: JsonObject,
): Promise<JsonObject | MatrixError> {
  const answer = await request(env, server, {
    method: 'POST',
    path: '/_matrix/federation/v1/publicRooms',
    body: query,
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return unreachable(server, answer);
  if (answer.status !== 200) return refusal(answer.status, answer.json);
  const { json } = answer;
  return isJsonObject(json) && Array.isArray(json.chunk)
    ? json
    : unknown(`${server} answered with no list`, 502);
}
