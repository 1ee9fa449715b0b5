import type { Registration } from '../../../appservice/registration.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { isTimeout, withDeadline } from '../../../platform/deadline.ts';
import { errorText } from '../../../platform/log.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';

/** One call of the Application Service API, with what became of it. Never throws. */
export type AppserviceAnswer =
  | { kind: 'answered'; status: number; body: string }
  | { kind: 'timed_out' }
  | { kind: 'failed'; reason: string };

export interface AppserviceCall {
  method: 'GET' | 'POST' | 'PUT';
  /** Behind `/_matrix/app/v1`, percent-encoded. */
  path: string;
  json?: JsonObject;
  /** For the answer and its body. */
  timeoutMs: number;
}

/** Acknowledgements and errors are short; a longer answer is not one. */
const maxAnswerBytes = 64 * 1024;

/**
 * The address is the owner's choice, so it may be a private one. Redirects are not followed: they would
 * take our token along.
 */
export async function callAppservice(
  env: Env,
  config: Config,
  registration: Registration & { url: string },
  { method, path, json, timeoutMs }: AppserviceCall,
): Promise<AppserviceAnswer> {
  try {
    const url = `${registration.url.replace(/\/+$/, '')}/_matrix/app/v1${path}`;
    const init: RequestInit = {
      method,
      headers: {
        authorization: `Bearer ${registration.hsToken}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      redirect: 'manual',
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    };
    return await withDeadline(timeoutMs, async (signal) => {
      const response = await fetchOf(registration.id, env, config)(url, { ...init, signal });
      return { kind: 'answered', status: response.status, body: await readText(response) };
    });
  } catch (error) {
    if (isTimeout(error)) return { kind: 'timed_out' };
    return { kind: 'failed', reason: errorText(error).slice(0, 500) };
  }
}

/** The Worker that serves this service, if it is bound to ours: `undefined` means over the network. */
export function boundService(id: string, env: Env, config: Config): Fetcher | undefined {
  const binding = Object.hasOwn(config.appserviceServices, id) ? config.appserviceServices[id] : undefined;
  if (binding === undefined) return undefined;
  return (env as unknown as Record<string, Fetcher | undefined>)[binding];
}

function fetchOf(
  id: string,
  env: Env,
  config: Config,
): (url: string, init: RequestInit) => Promise<Response> {
  const service = boundService(id, env, config);
  return service ? (url, init) => service.fetch(url, init) : (url, init) => fetch(url, init);
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new Error(`the answer is over ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
