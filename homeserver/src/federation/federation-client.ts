import type { ServerName } from '../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';
import { type JsonProblem, parseStrictJson } from '../../../matrix/strict-json.ts';
import { errorText, log } from '../../../platform/log.ts';
import { readBytes, SafeFetchError, safeFetch } from '../../../platform/safe-fetch.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { CanonicalJsonError } from '../protocol/canonical-json.ts';
import { authorizationHeader } from '../protocol/x-matrix.ts';
import { outboundFetch, type ServerAddress } from './outbound.ts';
import { resolveServer } from './resolve-server.ts';

export interface FederationCall {
  method: 'GET' | 'POST' | 'PUT';
  /** Percent-encoded, from `/_matrix` on, without the query. */
  path: string;
  query?: Record<string, string | number | boolean | readonly string[]>;
  body?: JsonObject;
  /** For what is told to everybody: keys. */
  isUnsigned?: boolean;
  /** For discovery, headers and body. */
  timeoutMs: number;
  maxBytes: number;
}

/** Nothing came that could be an answer. `detail` is for the log. */
export interface FederationFailure {
  kind: 'failed';
  reason: /** Not found, no connection, no valid certificate. */
    | 'unreachable'
    | 'timed_out'
    | 'too_large'
    /** Its address is private, or it sends elsewhere. */
    | 'refused'
    | 'not_json'
    /** What was to be sent has no canonical form. */
    | 'unsendable';
  detail: string;
}

/** Whatever its status: a refusal is an answer. */
export interface FederationAnswer {
  kind: 'answered';
  status: number;
  json: JsonValue;
  problems: JsonProblem[];
}

export interface FederationStream {
  kind: 'answered';
  status: number;
  headers: Headers;
  /** Fails with a `SafeFetchError` when it grows too large or the time is up. To be read or cancelled. */
  body: ReadableStream<Uint8Array>;
}

/**
 * A signed request to another server. Never throws for what the other side does, nor follows redirects.
 * @note A Worker has six connections that wait for headers: who asks many servers does it in turns.
 */
export async function request(
  env: Env,
  destination: ServerName,
  call: FederationCall,
): Promise<FederationAnswer | FederationFailure> {
  const sent = await send(env, destination, call);
  if (sent.kind === 'failed') return sent;
  const { response } = sent;
  try {
    const parsed = parseStrictJson(await readBytes(response));
    if (parsed)
      return { kind: 'answered', status: response.status, json: parsed.value, problems: parsed.problems };
    return { kind: 'failed', reason: 'not_json', detail: `status ${response.status}` };
  } catch (error) {
    return failure(destination, call, error);
  }
}

/** The same with the body unread: joins of large rooms, media. */
export async function requestStream(
  env: Env,
  destination: ServerName,
  call: FederationCall,
): Promise<FederationStream | FederationFailure> {
  const sent = await send(env, destination, call);
  if (sent.kind === 'failed') return sent;
  const { status, headers, body } = sent.response;
  return { kind: 'answered', status, headers, body: body ?? new Response('').body ?? new ReadableStream() };
}

async function send(
  env: Env,
  destination: ServerName,
  call: FederationCall,
): Promise<{ kind: 'sent'; response: Response } | FederationFailure> {
  try {
    const address = await resolveServer(env, destination);
    const url = new URL(`https://${address.hostHeader}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
    }
    const { fallbacks = [], ...first } = address;
    const sendTo = (place: ServerAddress) =>
      safeFetch(url.href, {
        method: call.method,
        headers: {
          accept: 'application/json',
          'user-agent': 'Roost',
          ...(call.isUnsigned ? {} : { authorization: authorizationFor(env, destination, call, url) }),
          ...(call.body && { 'content-type': 'application/json' }),
        },
        ...(call.body && { body: JSON.stringify(call.body) }),
        timeoutMs: call.timeoutMs,
        maxBytes: call.maxBytes,
        maxRedirects: 0,
        ...outboundFetch(env, place),
      });
    let response = sendTo(first);
    for (const place of fallbacks) {
      response = response.catch((error) => {
        // Whoever got the request may have done it: all requests between servers can be repeated.
        if (reasonOf(error) !== 'unreachable') throw error;
        return sendTo({ ...first, ...place });
      });
    }
    return { kind: 'sent', response: await response };
  } catch (error) {
    return failure(destination, call, error);
  }
}

/** @throws CanonicalJsonError */
function authorizationFor(env: Env, destination: ServerName, call: FederationCall, url: URL): string {
  const { serverName, signingKey } = readConfig(env);
  const { method, body: content } = call;
  // As the URL is written now: some characters have been escaped.
  const uri = url.pathname + url.search;
  return authorizationHeader({ method, uri, origin: serverName, destination, content }, signingKey);
}

function failure(
  destination: ServerName,
  { method, path }: FederationCall,
  error: unknown,
): FederationFailure {
  const detail = errorText(error);
  const reason = reasonOf(error);
  log('info', 'federation.request_failed', { destination, method, path, reason, detail });
  return { kind: 'failed', reason, detail };
}

function reasonOf(error: unknown): FederationFailure['reason'] {
  if (error instanceof CanonicalJsonError) return 'unsendable';
  if (!(error instanceof SafeFetchError)) return 'unreachable';
  return error.reason === 'failed' ? 'unreachable' : error.reason;
}
