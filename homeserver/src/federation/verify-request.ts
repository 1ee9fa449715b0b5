import { badJson, MatrixError, notJson, tooLarge } from '../../../matrix/errors.ts';
import { parseServerName, type ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { limits } from '../../../matrix/limits.ts';
import { type JsonProblem, parseStrictJson } from '../../../matrix/strict-json.ts';
import { readLimitedBody } from '../../../platform/limited-body.ts';
import { log } from '../../../platform/log.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { type Credentials, parseAuthorization, verifyRequestSignature } from '../protocol/x-matrix.ts';
import { verifyKeysOf } from './server-keys.ts';

/** A request of another server, whose signature has been checked. */
export interface ServerRequest {
  origin: ServerName;
  /** The body; `{}` if there is none. */
  content: JsonObject;
  /**
   * What of the body not all servers would read alike: floats anywhere, which old room versions allow; anything
   * in single members of `pdus` and `edus`, whose paths name them. All else has been refused.
   */
  problems: JsonProblem[];
}

/**
 * Server-server API, "Request Authentication". Requests are not kept, so a repeated one is accepted again: endpoints
 * are harmless twice.
 * @throws MatrixError 401 if it is not signed by a current key of the server that it names and for this server; 400,
 * 413 for the body
 */
export async function verifyRequest(env: Env, request: Request): Promise<ServerRequest> {
  const config = readConfig(env);
  const credentials = parseAuthorization(request.headers.get('authorization') ?? '');
  if (!credentials) throw unauthorized('missing or malformed');
  const origin = originOf(credentials);
  if (origin === undefined) throw unauthorized('no server name');
  if (origin === config.serverName) throw unauthorized('our own name');
  if (credentials.some(({ destination = config.serverName }) => destination !== config.serverName)) {
    throw unauthorized('for another server');
  }
  const { content, problems } = await readContent(request);
  const signed = {
    method: request.method,
    uri: uriOf(request),
    origin,
    destination: config.serverName,
    content: problems.some(({ kind }) => kind === 'loneSurrogate') ? wellFormed(content) : content,
  };
  const keys = await verifyKeysOf(
    env,
    origin,
    credentials.map(({ keyId }) => keyId),
    Date.now(),
  );
  const isSigned = credentials.some((one) => {
    const key = keys.get(one.keyId);
    return key !== undefined && verifyRequestSignature(signed, one, key.publicKey);
  });
  if (isSigned) return { origin, content: content ?? {}, problems };
  const hasKey = credentials.some(({ keyId }) => keys.has(keyId));
  log('info', 'federation.request_refused', { origin, reason: hasKey ? 'signature' : 'key' });
  throw unauthorized(hasKey ? 'the signature is not valid' : 'the key is not known');
}

/** As lax servers sign it: canonical JSON has no half of a character. The event that has it is refused, not the others. */
function wellFormed(content: JsonObject | undefined): JsonObject | undefined {
  if (content === undefined) return undefined;
  return JSON.parse(JSON.stringify(content), (_, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
}

/** Vague for those without a valid signature; what they sent they know. */
function unauthorized(reason: string): MatrixError {
  return new MatrixError(401, 'M_UNAUTHORIZED', `The request is not signed as it should be: ${reason}`);
}

/** Several signatures are of one server. */
function originOf(credentials: Credentials[]): ServerName | undefined {
  const origins = new Set(credentials.map(({ origin }) => origin));
  const [origin = ''] = origins;
  return origins.size === 1 ? parseServerName(origin) : undefined;
}

/** As it was sent: parsing and printing a URL changes some characters, and so the signature. */
function uriOf(request: Request): string {
  return request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
}

async function readContent(
  request: Request,
): Promise<{ content: JsonObject | undefined; problems: JsonProblem[] }> {
  const body = await readLimitedBody(request, limits.maxServerRequestBytes);
  if (!body) throw tooLarge(`The body is over ${limits.maxServerRequestBytes} bytes`);
  if (body.byteLength === 0) return { content: undefined, problems: [] };
  const parsed = parseStrictJson(body);
  if (!parsed) throw notJson();
  const { value, problems } = parsed;
  if (!isJsonObject(value)) throw badJson('The body is not an object');
  const fatal = problems.find((problem) => problem.kind !== 'looseNumber' && !isOfOneMember(problem));
  if (fatal) throw badJson(`The body is no JSON that all read alike: ${fatal.kind}`);
  return { content: value, problems };
}

function isOfOneMember({ path: [list, index] }: JsonProblem): boolean {
  return (list === 'pdus' || list === 'edus') && typeof index === 'number';
}
