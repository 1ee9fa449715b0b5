import type { ServerName, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../matrix/json.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import type { Env } from '../../env.ts';
import { request } from '../federation-client.ts';

/** A Worker has six connections that wait for headers. */
const width = 5;
const maxBytes = 16 * 1024 * 1024;
const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 30_000;

export interface KeysElsewhere {
  /** By kind (`device_keys`, …) and user. */
  found: Record<string, Record<UserId, JsonObject>>;
  /** Servers that did not answer as they should. */
  failures: ServerName[];
}

const kinds = ['device_keys', 'master_keys', 'self_signing_keys', 'one_time_keys'];

/**
 * Server-server API, `POST /user/keys/query` and `/user/keys/claim`: each server is asked for its users.
 * @param wanted what to ask for, by server and user
 * @param timeoutMs as the client wants it
 */
export async function askKeys(
  env: Env,
  what: 'query' | 'claim',
  wanted: ReadonlyMap<ServerName, Record<UserId, JsonValue>>,
  timeoutMs = defaultTimeoutMs,
): Promise<KeysElsewhere> {
  const result: KeysElsewhere = { found: {}, failures: [] };
  await mapConcurrently([...wanted], width, async ([server, users]) => {
    const answer = await request(env, server, {
      method: 'POST',
      path: `/_matrix/federation/v1/user/keys/${what}`,
      body: { [what === 'query' ? 'device_keys' : 'one_time_keys']: users },
      timeoutMs: Math.min(Math.max(timeoutMs, 1_000), maxTimeoutMs),
      maxBytes,
    });
    if (answer.kind === 'failed' || answer.status !== 200 || !isJsonObject(answer.json)) {
      result.failures.push(server);
      return;
    }
    for (const kind of kinds) {
      const byUser = answer.json[kind];
      if (isJsonObject(byUser)) take(result, kind, byUser, Object.keys(users) as UserId[]);
    }
  });
  return result;
}

/** Of users who were asked for alone: no server speaks for the users of another. */
function take(result: KeysElsewhere, kind: string, byUser: JsonObject, asked: readonly UserId[]): void {
  for (const userId of asked) {
    const keys = Object.hasOwn(byUser, userId) ? byUser[userId] : undefined;
    if (!isJsonObject(keys) || (kind === 'one_time_keys' && Object.keys(keys).length === 0)) continue;
    const sound = kind === 'device_keys' ? ownDevices(userId, keys) : keys;
    result.found[kind] = { ...result.found[kind], [userId]: sound };
  }
}

/** Device keys that say whose they are, and say it rightly. */
function ownDevices(userId: UserId, devices: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(devices).filter(
      ([deviceId, keys]) => isJsonObject(keys) && keys.user_id === userId && keys.device_id === deviceId,
    ),
  );
}
