import type { ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import { openD1 } from '../../../platform/d1.ts';
import { log } from '../../../platform/log.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { decodeBase64 } from '../protocol/crypto.ts';
import { type KeyAnswer, readKeyAnswer } from '../protocol/server-key-answer.ts';
import { signingKeyIds, verifyJson } from '../protocol/signatures.ts';
import { findServerKeys, type KeyAnswerRow, storeServerKeys } from '../storage/d1/server-keys.ts';
import { request } from './federation-client.ts';
import { KeyFetchLimits } from './key-fetch-limits.ts';

/** Servers of which keys are wanted; by key id, until when it has to be valid. */
type Wants = ReadonlyMap<ServerName, ReadonlyMap<string, number>>;
/** Names those of the servers of which what is stored does not suffice yet. */
type FindMissing = (serverNames: readonly ServerName[]) => Promise<ServerName[]>;

/** A Worker has six connections that wait for an answer. */
const serversAtOnce = 4;
/** Whose answers are stored together. */
const serversPerRound = 20;
const serversPerQuery = 100;
/** More are not waited for one by one: a notary knows most. */
const manyServers = 10;
const timeoutMs = 10_000;
/** For all servers together; the rest is told as missing. */
const patienceMs = 60_000;
const maxAnswerBytes = 256 * 1024;
const maxNotaryAnswerBytes = 8 * 1024 * 1024;

/**
 * Asks servers for their keys, then notaries for what they do not tell, and keeps the answers. The members of a large
 * room come from many servers, of which many are gone: there notaries are asked first.
 */
export async function fetchAndStoreKeys(env: Env, wants: Wants, findMissing: FindMissing): Promise<void> {
  const all = [...wants.keys()];
  if (all.length <= manyServers) {
    // Those that may not be asked now were asked in vain a moment ago, and so were the notaries.
    const asked = await askServers(env, all);
    await askNotaries(env, wants, await findMissing(asked), findMissing);
    return;
  }
  const missing = await askNotaries(env, wants, all, findMissing);
  await askServers(env, missing);
}

/** @returns those that could be asked, whether they answered or not: the others have been asked too often of late */
export async function askServers(env: Env, serverNames: readonly ServerName[]): Promise<ServerName[]> {
  const limits = new KeyFetchLimits(env);
  const untilMs = Date.now() + patienceMs;
  const asked: ServerName[] = [];
  for (let at = 0; at < serverNames.length && Date.now() < untilMs; at += serversPerRound) {
    const answers: StoredAnswer[] = [];
    await mapConcurrently(serverNames.slice(at, at + serversPerRound), serversAtOnce, async (serverName) => {
      if (!(await limits.mayAsk(serverName))) return;
      asked.push(serverName);
      const answer = await askServer(env, serverName);
      if (answer) answers.push(answer);
      await limits.note(serverName, answer !== undefined);
    });
    await storeServerKeys(openD1(env.DB, readConfig(env).meter), answers, true);
  }
  return asked;
}

interface StoredAnswer {
  answer: KeyAnswerRow;
  keys: KeyAnswer['keys'];
}

async function askServer(env: Env, serverName: ServerName): Promise<StoredAnswer | undefined> {
  const answer = await request(env, serverName, {
    method: 'GET',
    path: '/_matrix/key/v2/server',
    isUnsigned: true,
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200) return undefined;
  return readAnswer(serverName, answer.json);
}

function readAnswer(serverName: ServerName, json: JsonValue): StoredAnswer | undefined {
  const fetchedMs = Date.now();
  const read = readKeyAnswer(json, serverName, fetchedMs);
  if (!read) {
    log('warn', 'federation.key_answer_refused', { serverName });
    return undefined;
  }
  const { keys, validUntilMs } = read;
  return { keys, answer: { serverName, answer: JSON.stringify(json), validUntilMs, fetchedMs } };
}

/** @returns those that are missing still */
async function askNotaries(
  env: Env,
  wants: Wants,
  serverNames: readonly ServerName[],
  findMissing: FindMissing,
): Promise<ServerName[]> {
  let missing = [...serverNames];
  for (const notary of readConfig(env).keyNotaries) {
    const others = missing.filter((name) => name !== notary);
    for (let at = 0; at < others.length; at += serversPerQuery) {
      const names = others.slice(at, at + serversPerQuery);
      const answers = await askNotary(env, notary, wants, names);
      await storeServerKeys(openD1(env.DB, readConfig(env).meter), answers, false);
    }
    if (others.length > 0) missing = await findMissing(missing);
  }
  return missing;
}

/** Notaries are believed in nothing but that a server once signed what they pass on. */
async function askNotary(
  env: Env,
  notary: ServerName,
  wants: Wants,
  names: readonly ServerName[],
): Promise<StoredAnswer[]> {
  const answer = await request(env, notary, {
    method: 'POST',
    path: '/_matrix/key/v2/query',
    body: { server_keys: Object.fromEntries(names.map((name) => [name, criteria(wants.get(name))])) },
    timeoutMs,
    maxBytes: maxNotaryAnswerBytes,
  });
  if (answer.kind === 'failed' || answer.status !== 200) return [];
  const passedOn = isJsonObject(answer.json) ? answer.json.server_keys : undefined;
  if (!Array.isArray(passedOn)) return [];
  const notaryKeys = await currentKeysOf(env, notary);
  const read: StoredAnswer[] = [];
  for (const one of passedOn.slice(0, 2 * serversPerQuery)) {
    if (!isJsonObject(one)) continue;
    const name = names.find((wanted) => wanted === one.server_name);
    if (name === undefined || !isSignedBy(one, notary, notaryKeys)) continue;
    const found = readAnswer(name, one);
    if (found) read.push(found);
  }
  return read;
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
