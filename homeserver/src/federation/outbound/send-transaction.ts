import type { ServerName } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import { log } from '../../../../platform/log.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { SendProblem } from '../../objects/destination/transaction-queue.ts';
import { request } from '../federation-client.ts';

const timeoutMs = 60_000;
const maxBytes = 1024 * 1024;

/**
 * Server-server API, `PUT /send/{txnId}`. What the other server thinks of a single event changes nothing for us.
 * @param content `pdus`, `edus`, `origin_server_ts`
 */
export async function sendTransaction(
  env: Env,
  server: string,
  txnId: string,
  content: JsonObject,
): Promise<SendProblem | undefined> {
  const answer = await request(env, server as ServerName, {
    method: 'PUT',
    path: `/_matrix/federation/v1/send/${encodeURIComponent(txnId)}`,
    body: { ...content, origin: readConfig(env).serverName },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') {
    return { text: `${answer.reason}: ${answer.detail}`, isRefused: answer.reason === 'unsendable' };
  }
  const { status, json } = answer;
  if (status !== 200) return { text: `status ${status}`, isRefused: status === 400 || status === 413 };
  const results = isJsonObject(json) && isJsonObject(json.pdus) ? json.pdus : {};
  for (const [eventId, result] of Object.entries(results)) {
    if (!isJsonObject(result) || typeof result.error !== 'string') continue;
    log('info', 'destination.event_refused', { server, eventId, error: result.error.slice(0, 200) });
  }
  return undefined;
}
