import { Deadline, isTimeout } from './deadline.ts';
import { isLoopbackHost, isPublicHost } from './public-host.ts';

/** Why a fetch to somewhere else gave nothing. The text is for the log; a client learns less. */
export class SafeFetchError extends Error {
  readonly reason: 'refused' | 'timed_out' | 'too_large' | 'failed';

  constructor(reason: SafeFetchError['reason'], message: string) {
    super(message);
    this.name = 'SafeFetchError';
    this.reason = reason;
  }
}

export interface SafeFetchOptions {
  /** For everything: redirects, headers, body. */
  timeoutMs: number;
  /** Largest body, counted while it streams, whatever its `Content-Length` says. */
  maxBytes: number;
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** 0: a redirect is refused. */
  maxRedirects?: number;
  /** Settings of a local run, never of a deployment. */
  allowLoopback?: boolean;
  /** Host names that a local run maps to its own machine. */
  allowedHosts?: readonly string[];
  /** `fetch` refuses hosts itself, by the addresses that it finds for them. */
  hostsAreChecked?: boolean;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Headers that are sent on to another origin; all others may be secret. */
const harmlessHeaders = new Set(['accept', 'accept-language', 'user-agent']);

/**
 * The one way to a URL that someone else chose. Public hosts only, each redirect checked like the first
 * URL, no credentials to another origin, time and size limited.
 * @returns the answer, whatever its status; its body fails with a `SafeFetchError` when it grows too large
 * @throws SafeFetchError
 * @note A name that resolves to a private address is stopped by the runtime, which alone sees addresses:
 * by `global_fetch_strictly_public` on Cloudflare, by the network settings of workerd elsewhere.
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<Response> {
  const deadline = new Deadline(options.timeoutMs);
  try {
    const response = await fetchChecked(address, options, deadline.signal);
    return deadline.passOn(response, (sizeBytes) => {
      if (sizeBytes > options.maxBytes)
        throw new SafeFetchError('too_large', `over ${options.maxBytes} bytes`);
    });
  } catch (error) {
    deadline.end();
    throw error;
  }
}

async function fetchChecked(
  address: string,
  options: SafeFetchOptions,
  signal: AbortSignal,
): Promise<Response> {
  let url = checkUrl(address, undefined, options);
  let request: Sent = {
    method: options.method ?? 'GET',
    headers: new Headers(options.headers),
    body: options.body,
  };
  for (let redirects = 0; ; redirects++) {
    const response = await fetchOnce(url, request, signal, options);
    const location = redirectOf(response);
    if (location === undefined) return response;
    await response.body?.cancel();
    if (redirects >= (options.maxRedirects ?? 3)) throw new SafeFetchError('refused', 'too many redirects');
    const next = checkUrl(location, url, options);
    request = redirected(request, response.status, next.origin === url.origin);
    url = next;
  }
}

interface Sent {
  method: string;
  headers: Headers;
  body: string | Uint8Array<ArrayBuffer> | undefined;
}

function checkUrl(address: string, base: URL | undefined, options: SafeFetchOptions): URL {
  if (!URL.canParse(address, base)) throw new SafeFetchError('refused', 'not a URL');
  const url = new URL(address, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new SafeFetchError('refused', `scheme ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '')
    throw new SafeFetchError('refused', 'credentials in the URL');
  const allowed =
    options.hostsAreChecked === true ||
    isPublicHost(url.hostname) ||
    (options.allowLoopback === true && isLoopbackHost(url.hostname)) ||
    options.allowedHosts?.includes(url.hostname);
  if (!allowed) throw new SafeFetchError('refused', `host ${url.hostname} is not public`);
  url.hash = '';
  return url;
}

async function fetchOnce(
  url: URL,
  { method, headers, body }: Sent,
  signal: AbortSignal,
  options: SafeFetchOptions,
): Promise<Response> {
  const init: RequestInit = { method, headers, redirect: 'manual', signal };
  if (body !== undefined) init.body = body;
  try {
    return await (options.fetch ?? fetch)(url.href, init);
  } catch (error) {
    throw asSafeFetchError(error);
  }
}

function redirectOf(response: Response): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(response.status);
  return isRedirect ? (response.headers.get('location') ?? undefined) : undefined;
}

/** As the Fetch standard has it, but a body is never repeated to another origin. */
function redirected(request: Sent, status: number, sameOrigin: boolean): Sent {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const keepsMethod = isRead || status === 307 || status === 308;
  if (!isRead && keepsMethod && !sameOrigin) {
    throw new SafeFetchError('refused', 'redirect of a body to another origin');
  }
  const headers = sameOrigin
    ? new Headers(request.headers)
    : new Headers([...request.headers].filter(([name]) => harmlessHeaders.has(name)));
  if (keepsMethod) return { ...request, headers };
  headers.delete('content-type');
  return { method: 'GET', headers, body: undefined };
}

/**
 * Reads a whole body that `safeFetch` answered.
 * @throws SafeFetchError
 */
export async function readBytes(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw asSafeFetchError(error);
  }
}

function asSafeFetchError(error: unknown): SafeFetchError {
  if (error instanceof SafeFetchError) return error;
  return new SafeFetchError(isTimeout(error) ? 'timed_out' : 'failed', String(error).slice(0, 300));
}
