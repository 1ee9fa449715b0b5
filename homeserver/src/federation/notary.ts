import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { openD1 } from '../../../platform/d1.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { signJson } from '../protocol/signatures.ts';
import { findKeyAnswers, type KeyAnswerRow } from '../storage/d1/server-keys.ts';
import { askServers } from './fetch-server-keys.ts';
import { ownKeyAnswer } from './own-keys.ts';
import type { WantedKeys } from './server-keys.ts';

/** Anybody may have us ask; for one request not too many. */
const maxAsked = 10;

/**
 * What servers say of their keys, with this server's signature added (server-server API, "Querying Keys Through Another
 * Server"). Servers are asked if what they last said is over, or too old for what is wanted; if they do not answer, it
 * is passed on all the same.
 * @returns nothing of servers that were never heard
 */
export async function queryKeys(env: Env, wanted: readonly WantedKeys[]): Promise<JsonObject[]> {
  const config = readConfig(env);
  const db = openD1(env.DB, config.meter);
  const nowMs = Date.now();
  const others = wanted.filter(({ serverName }) => serverName !== config.serverName);
  const names = others.map(({ serverName }) => serverName);
  const known = new Map((await findKeyAnswers(db, names)).map((row) => [row.serverName, row]));
  const stale = others.filter((want) => !suffices(known.get(want.serverName), want, nowMs));
  await askServers(env, stale.map(({ serverName }) => serverName).slice(0, maxAsked));
  for (const row of await findKeyAnswers(db, names)) known.set(row.serverName, row);
  const answers = [...known.values()]
    .map(parseAnswer)
    .map((answer) => signJson(answer, config.serverName, config.signingKey, 'any'));
  return others.length < wanted.length ? [ownKeyAnswer(config, nowMs), ...answers] : answers;
}

function suffices(row: KeyAnswerRow | undefined, want: WantedKeys, nowMs: number): boolean {
  if (!row || row.validUntilMs < Math.max(nowMs, want.minValidUntilMs)) return false;
  const { verify_keys: current, old_verify_keys: old } = parseAnswer(row);
  return want.keyIds.every((id) =>
    [current, old].some((keys) => isJsonObject(keys) && Object.hasOwn(keys, id)),
  );
}

function parseAnswer({ answer }: KeyAnswerRow): JsonObject {
  const value: unknown = JSON.parse(answer);
  return isJsonObject(value) ? value : {};
}
