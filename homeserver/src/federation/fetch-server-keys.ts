import type { ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import { openD1 } from '../../../platform/d1.ts';
import { log } from '../../../platform/log.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { decodeBase64, encodeBase64 } from '../protocol/crypto.ts';
import { readKeyAnswer } from '../protocol/server-key-answer.ts';
import { signingKeyIds, verifyJson } from '../protocol/signatures.ts';
import { findServerKeys, storeServerKeys } from '../storage/d1/server-keys.ts';
import { request } from './federation-client.ts';
import { KeyFetchLimits } from './key-fetch-limits.ts';

/** Servers of which keys are wanted; by key id, until when it has to be valid. */
type Wants = ReadonlyMap<ServerName, ReadonlyMap<string, number>>;

/** A Worker has six connections that wait for an answer. */
const serversAtOnce = 4;
const serversPerQuery = 100;
const timeoutMs = 10_000;
const maxAnswerBytes = 256 * 1024;
const maxNotaryAnswerBytes = 4 * 1024 * 1024;

/**
 * Asks servers for their keys, then notaries for what they do not tell, and keeps the answers.
 * @param isSettled whether what is stored of a server now suffices
 */
export async function fetchAndStoreKeys(
  env: Env,
  wants: Wants,
  isSettled: (serverName: ServerName) => Promise<boolean>,
): Promise<void> {
  const asked = await askServers(env, [...wants.keys()]);
  const missing = new Map<ServerName, ReadonlyMap<string, number>>();
  for (const serverName of asked) {
    if (!(await isSettled(serverName))) missing.set(serverName, wants.get(serverName) ?? new Map());
  }
  for (const notary of readConfig(env).keyNotaries) {
    if (missing.size === 0) return;
    await askNotary(env, notary, missing);
    for (const serverName of [...missing.keys()]) {
      if (await isSettled(serverName)) missing.delete(serverName);
    }
  }
}

/** @returns those that could be asked, whether they answered or not: the others have been asked too often of late */
export async function askServers(env: Env, serverNames: readonly ServerName[]): Promise<ServerName[]> {
  const limits = new KeyFetchLimits(env);
  const asked: ServerName[] = [];
  await mapConcurrently(serverNames, serversAtOnce, async (serverName) => {
    if (!(await limits.mayAsk(serverName))) return;
    asked.push(serverName);
    await limits.note(serverName, await askServer(env, serverName));
  });
  return asked;
}

/** @returns whether the server told its keys */
async function askServer(env: Env, serverName: ServerName): Promise<boolean> {
  const answer = await request(env, serverName, {
    method: 'GET',
    path: '/_matrix/key/v2/server',
    isUnsigned: true,
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200) return false;
  return store(env, serverName, answer.json, true);
}

/** Notaries are believed in nothing but that a server once signed what they pass on. */
async function askNotary(env: Env, notary: ServerName, missing: Wants): Promise<void> {
  const names = [...missing.keys()].filter((name) => name !== notary).slice(0, serversPerQuery);
  if (names.length === 0) return;
  const answer = await request(env, notary, {
    method: 'POST',
    path: '/_matrix/key/v2/query',
    body: { server_keys: Object.fromEntries(names.map((name) => [name, criteria(missing.get(name))])) },
    timeoutMs,
    maxBytes: maxNotaryAnswerBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200) return;
  const answers = isJsonObject(answer.json) ? answer.json.server_keys : undefined;
  if (!Array.isArray(answers)) return;
  const notaryKeys = await currentKeysOf(env, notary);
  for (const one of answers.slice(0, 2 * serversPerQuery)) {
    if (!isJsonObject(one)) continue;
    const name = names.find((wanted) => wanted === one.server_name);
    if (name === undefined || !isSignedBy(one, notary, notaryKeys)) continue;
    await store(env, name, one, false);
  }
}

function criteria(want: ReadonlyMap<string, number> | undefined): JsonObject {
  return Object.fromEntries(
    [...(want ?? [])].map(([keyId, validUntilMs]) => [keyId, { minimum_valid_until_ts: validUntilMs }]),
  );
}

function isSignedBy(answer: JsonObject, notary: ServerName, keys: ReadonlyMap<string, Uint8Array>): boolean {
  return signingKeyIds(answer, notary).some((keyId) => {
    const key = keys.get(keyId);
    return key !== undefined && verifyJson(answer, notary, keyId, key, 'any');
  });
}

async function currentKeysOf(env: Env, notary: ServerName): Promise<Map<string, Uint8Array>> {
  const db = openD1(env.DB, readConfig(env).meter);
  const read = async () => {
    const rows = await findServerKeys(db, [notary]);
    const current = rows.filter(({ isOld, validUntilMs }) => !isOld && validUntilMs >= Date.now());
    return new Map(
      current.map(({ keyId, publicKey }) => [keyId, decodeBase64(publicKey) ?? new Uint8Array()]),
    );
  };
  const known = await read();
  if (known.size > 0) return known;
  await askServers(env, [notary]);
  return read();
}

async function store(env: Env, serverName: ServerName, json: JsonValue, isDirect: boolean): Promise<boolean> {
  const nowMs = Date.now();
  const read = readKeyAnswer(json, serverName, nowMs);
  if (!read) {
    log('warn', 'federation.key_answer_refused', { serverName, isDirect });
    return false;
  }
  const rows = read.keys.map(({ publicKey, ...key }) => ({
    ...key,
    serverName,
    publicKey: encodeBase64(publicKey),
  }));
  const answer = {
    serverName,
    answer: JSON.stringify(json),
    validUntilMs: read.validUntilMs,
    fetchedMs: nowMs,
  };
  await storeServerKeys(openD1(env.DB, readConfig(env).meter), rows, answer, isDirect);
  return true;
}
