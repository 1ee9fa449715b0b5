import type { Registration } from '../../../../appservice/registration.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Config } from '../../config.ts';
import type { Env } from '../../env.ts';
import { type AppserviceAnswer, callAppservice } from '../../services/appservice-transport.ts';

const timeoutMs = 30_000;

/**
 * `PUT /_matrix/app/v1/transactions/{txnId}`.
 * @returns what went wrong, or nothing if the service acknowledged the transaction
 */
export async function sendTransaction(
  env: Env,
  config: Config,
  registration: Registration & { url: string },
  txnId: string,
  json: JsonObject,
): Promise<string | undefined> {
  const path = `/transactions/${encodeURIComponent(txnId)}`;
  return problemOf(await callAppservice(env, config, registration, { method: 'PUT', path, json, timeoutMs }));
}

/**
 * Only status 200 with a JSON object acknowledges: a proxy's or a parked domain's page must not make us
 * forget events.
 */
export function problemOf(answer: AppserviceAnswer): string | undefined {
  switch (answer.kind) {
    case 'timed_out':
      return `no answer within ${timeoutMs} ms`;
    case 'failed':
      return answer.reason;
    case 'answered':
      if (answer.status !== 200) return `status ${answer.status}`;
      return isAcknowledgement(answer.body) ? undefined : 'status 200, but the body is not a JSON object';
    default:
      return answer satisfies never;
  }
}

function isAcknowledgement(body: string): boolean {
  try {
    return isJsonObject(JSON.parse(body));
  } catch {
    return false;
  }
}
