import { checkMatrixAnswer } from '../../harness/matrix-spec.ts';
import { currentViolations } from './conformance-test.ts';
import { target } from './target.ts';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  /** The parsed JSON, or an empty object where the answer is none. */
  body: T;
  bytes: Uint8Array;
  headers: Headers;
}

export interface CallOptions {
  /** Another server than the target: its address, without a slash at the end. */
  at?: string | undefined;
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array;
  contentType?: string;
  query?: Record<string, string | number | boolean | undefined>;
}

/** A path with its variables escaped: `` p`/v3/rooms/${roomId}/send/${type}/${txnId}` ``. */
export function p(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  return strings
    .map((part, i) => part + (i < values.length ? encodeURIComponent(String(values[i])) : ''))
    .join('');
}

/** So often is a request repeated that the server's rate limit refused. */
const maxRetries = 8;

/** @param path below `/_matrix/client` if it begins with a version, else below the server's address */
export async function call<T = Record<string, unknown>>(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer<T>> {
  const base = options.at ?? target.url;
  const url = new URL(base + (/^\/(v\d+|r0|unstable)\//.test(path) ? `/_matrix/client${path}` : path));
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const hasBody = options.raw !== undefined || options.body !== undefined;
  const init: RequestInit = {
    method,
    redirect: 'manual',
    headers: {
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...(hasBody && { 'content-type': options.contentType ?? 'application/json' }),
    },
    ...(hasBody && { body: options.raw ?? JSON.stringify(options.body) }),
  };
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const contentType = response.headers.get('content-type') ?? '';
    const isJson = /^application\/json\b/.test(contentType);
    const text = () => new TextDecoder().decode(bytes);
    const { pathname } = url;
    // A delayed event (MSC4140) has another answer than one that is sent.
    if (!url.searchParams.has('org.matrix.msc4140.delay')) {
      checkMatrixAnswer(currentViolations(), {
        method,
        pathname,
        status: response.status,
        contentType,
        text,
      });
    }
    const body = (isJson && bytes.length > 0 ? JSON.parse(text()) : {}) as T;
    if (response.status !== 429 || attempt === maxRetries) {
      return { status: response.status, body, bytes, headers: response.headers };
    }
    await untilAllowed((body as { retry_after_ms?: number }).retry_after_ms ?? 500);
  }
}

function untilAllowed(retryAfterMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(retryAfterMs, 5000)));
}

/** As {@link call}, for what must succeed. @throws Error with the answer if it is not 2xx */
export async function ok<T = Record<string, unknown>>(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<T> {
  const { status, body } = await call<T>(method, path, options);
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}
