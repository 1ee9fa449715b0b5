import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { errorText } from '../../../platform/log.ts';
import { isPublicHost } from '../../../platform/public-host.ts';
import { readBytes, safeFetch } from '../../../platform/safe-fetch.ts';
import type { Config } from '../config.ts';
import type { Env } from '../env.ts';

/** What became of a notification. `rejected`: the gateway knows this pushkey no more. */
export type PushOutcome = { kind: 'delivered' } | { kind: 'rejected' } | { kind: 'failed'; reason: string };

const timeoutMs = 10_000;
const maxAnswerBytes = 64 * 1024;

/**
 * Whether notifications may be sent there: https, the path of the specification, a public host. Hosts that
 * the owner has named may be private and without TLS.
 */
export function isGatewayUrl(address: string, { pushGatewayHosts }: Config): boolean {
  if (address.length > 2048 || !URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.pathname !== '/_matrix/push/v1/notify') return false;
  if (pushGatewayHosts.includes(url.hostname)) return url.protocol === 'https:' || url.protocol === 'http:';
  return url.protocol === 'https:' && isPublicHost(url.hostname);
}

/** Push gateway API, `POST /_matrix/push/v1/notify`. Redirects are not followed. Never throws. */
export async function notifyGateway(
  env: Env,
  config: Config,
  address: string,
  pushkey: string,
  notification: JsonObject,
): Promise<PushOutcome> {
  if (!isGatewayUrl(address, config)) return { kind: 'failed', reason: 'the URL is not allowed' };
  try {
    const response = await safeFetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ notification }),
      timeoutMs,
      maxBytes: maxAnswerBytes,
      maxRedirects: 0,
      allowedHosts: config.pushGatewayHosts,
      fetch: (url, init) => {
        const isExempt = config.pushGatewayHosts.includes(new URL(url).hostname);
        return env.PUBLIC_INTERNET && !isExempt ? env.PUBLIC_INTERNET.fetch(url, init) : fetch(url, init);
      },
    });
    const text = new TextDecoder().decode(await readBytes(response));
    if (!response.ok) return { kind: 'failed', reason: `status ${response.status}` };
    return rejectedKeys(text).includes(pushkey) ? { kind: 'rejected' } : { kind: 'delivered' };
  } catch (error) {
    return { kind: 'failed', reason: errorText(error) };
  }
}

/** Gateways that answer something else have taken the notification all the same. */
function rejectedKeys(text: string): unknown[] {
  try {
    const answer: unknown = JSON.parse(text);
    return isJsonObject(answer) && Array.isArray(answer.rejected) ? answer.rejected : [];
  } catch {
    return [];
  }
}
