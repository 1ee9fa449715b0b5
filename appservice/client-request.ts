import * as v from 'valibot';
import type { JsonObject } from '../matrix/json.ts';
import { Deadline, isTimeout } from '../platform/deadline.ts';
import { safeFetch } from '../platform/safe-fetch.ts';
import { MatrixApiError, readMatrixApiError } from './matrix-api-error.ts';

/** `fetch`, or a service binding's: `(url, init) => env.HOMESERVER.fetch(url, init)`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface AppserviceClientOptions {
  /** Base URL of the client-server API, without `/_matrix`. */
  homeserverUrl: string;
  asToken: string;
  fetch: Fetch;
  /** Longest wait for the answer and its body; 30 s if not given. */
  timeoutMs?: number;
  /** Acts as this user (a ghost or, with consent, a puppet); absent: as the bot. */
  userId?: string;
  /** Acts as this device of the user. */
  deviceId?: string;
  /** Follows a redirect of a download, without the token; `safeFetch` if not given. */
  fetchRedirected?: (url: string) => Promise<Response>;
}

export interface CallOptions {
  query?: Record<string, string | number | boolean | string[] | undefined>;
  /** Sent as JSON. */
  json?: JsonObject;
  body?: BodyInit;
  headers?: Record<string, string>;
  timeoutMs?: number;
  /** Where a redirect leads is fetched too: for media, which may be kept elsewhere. */
  followRedirect?: boolean;
}

const defaultTimeoutMs = 30_000;
/** Larger than any network's attachment. */
const maxRedirectedBytes = 1024 ** 3;

/** Percent-encodes the values put into a path: path`/rooms/${roomId}/leave`. */
export function path(texts: TemplateStringsArray, ...values: string[]): string {
  return texts.reduce((whole, text, index) => whole + encodeURIComponent(values[index - 1] ?? '') + text);
}

/**
 * Calls the homeserver and returns the successful answer, its body unread.
 * @throws MatrixApiError
 */
export async function callHomeserver(
  options: AppserviceClientOptions,
  method: string,
  target: string,
  call: CallOptions = {},
): Promise<Response> {
  const operation = `${method} ${target}`;
  const url = `${options.homeserverUrl.replace(/\/+$/, '')}${target}${queryOf(options, call)}`;
  const deadline = new Deadline(call.timeoutMs ?? options.timeoutMs ?? defaultTimeoutMs);
  try {
    const init = requestInit(options, method, call, deadline.signal);
    const response = await withoutAnswer(operation, () => options.fetch(url, init));
    if (response.ok) return deadline.passOn(response);
    const location = call.followRedirect ? response.headers.get('location') : null;
    if ((response.status === 307 || response.status === 308) && location !== null) {
      deadline.end();
      return await followRedirect(operation, new URL(location, url).href, options, call);
    }
    throw await withoutAnswer(operation, () => readMatrixApiError(operation, response));
  } catch (error) {
    deadline.end();
    throw error;
  }
}

function requestInit(
  { asToken }: AppserviceClientOptions,
  method: string,
  { headers, json, body }: CallOptions,
  signal: AbortSignal,
): RequestInit {
  const init: RequestInit & { duplex?: 'half' } = {
    method,
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      authorization: `Bearer ${asToken}`,
    },
    // The token must not follow a redirect to wherever it leads.
    redirect: 'manual',
    signal,
  };
  if (json !== undefined) init.body = JSON.stringify(json);
  else if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = 'half';
  return init;
}

async function followRedirect(
  operation: string,
  url: string,
  options: AppserviceClientOptions,
  { headers, timeoutMs = defaultTimeoutMs }: CallOptions,
): Promise<Response> {
  const fetchRedirected =
    options.fetchRedirected ??
    ((target) => safeFetch(target, { timeoutMs, maxBytes: maxRedirectedBytes, headers: headers ?? {} }));
  const response = await withoutAnswer(operation, () => fetchRedirected(url));
  if (response.ok) return response;
  throw new MatrixApiError(operation, response.status, 'M_UNKNOWN', 'the redirected download failed');
}

/**
 * Reads a JSON answer.
 * @throws MatrixApiError `M_CONNECTION_…` if it breaks off, `M_NOT_JSON` if it is not what the schema expects
 */
export async function readAnswer<Schema extends v.GenericSchema>(
  operation: string,
  response: Response,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const text = await withoutAnswer(operation, () => response.text());
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new MatrixApiError(
    operation,
    response.status,
    'M_NOT_JSON',
    `unexpected answer: ${v.getDotPath(issue) ?? 'body'}: ${issue.message}`.slice(0, 500),
  );
}

async function withoutAnswer<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isTimeout(error)
      ? new MatrixApiError(operation, 0, 'M_CONNECTION_TIMEOUT', 'no answer in time')
      : new MatrixApiError(operation, 0, 'M_CONNECTION_FAILED', String(error).slice(0, 500));
  }
}

function queryOf(options: AppserviceClientOptions, call: CallOptions): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) query.append(name, String(one));
    }
  }
  if (options.userId !== undefined) query.set('user_id', options.userId);
  if (options.deviceId !== undefined) query.set('device_id', options.deviceId);
  return query.size > 0 ? `?${query}` : '';
}
