import type { ServerName } from '../../../matrix/identifiers.ts';
import { openD1 } from '../../../platform/d1.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { decodeBase64 } from '../protocol/crypto.ts';
import { findServerKeys } from '../storage/d1/server-keys.ts';
import { fetchAndStoreKeys } from './fetch-server-keys.ts';
import { ownServerKeys } from './own-keys.ts';

/** A key by which a server signs, or signed. */
export interface ServerKey {
  keyId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** Signatures count if they were made until then, epoch ms: at most 7 days ahead; of old keys `expired_ts`. */
  validUntilMs: number;
  /** Given up by its server, so that the end stands. */
  isOld: boolean;
}

export interface WantedKeys {
  serverName: ServerName;
  keyIds: readonly string[];
  /** When the signature was made; 0 if that does not count. For keys that end before, their server is asked anew. */
  minValidUntilMs: number;
}

/** Server name → key id → key. */
export type KeyRing = ReadonlyMap<string, ReadonlyMap<string, ServerKey>>;

/** Of one server: key id → until when it has to be valid. */
type Want = Map<string, number>;
type KnownKeys = Map<string, ReadonlyMap<string, ServerKey>>;

/**
 * What is known of keys without asking anybody: those remembered in this isolate or else in D1.
 * @returns also keys that end before they should, which is for the caller to see
 */
export async function knownKeyRing(env: Env, wanted: readonly WantedKeys[]): Promise<KeyRing> {
  const { ring } = await collectKnown(env, wanted);
  return ring;
}

/**
 * Keys of servers (server-server API, "Retrieving server keys"):
 * 1. those that are known, if they are valid for long enough;
 * 2. what the server itself says;
 * 3. what notaries say, for keys that the server does not tell of.
 * What is fetched is kept in D1 for ever. A server that fails is left alone for a while.
 * @returns also keys that end before they should, which is for the caller to see
 */
export async function fetchKeyRing(env: Env, wanted: readonly WantedKeys[]): Promise<KeyRing> {
  const { ring, missing } = await collectKnown(env, wanted);
  if (missing.size === 0) return ring;
  await fetchAndStoreKeys(env, missing, async (serverNames) => {
    const stored = await readStored(env, serverNames);
    for (const [serverName, keys] of stored) ring.set(serverName, keys);
    return serverNames.filter((name) => !suffices(stored.get(name), missing.get(name)));
  });
  const rest = [...missing].filter(([name, want]) => !suffices(ring.get(name), want)).map(([name]) => name);
  for (const [serverName, keys] of await readStored(env, rest)) ring.set(serverName, keys);
  return ring;
}

/** @returns keys of all the servers, and of which of them more is wanted */
async function collectKnown(
  env: Env,
  wanted: readonly WantedKeys[],
): Promise<{ ring: KnownKeys; missing: Map<ServerName, Want> }> {
  const config = readConfig(env);
  const missing = mergeWants(wanted);
  const ring: KnownKeys = new Map();
  if (missing.delete(config.serverName)) ring.set(config.serverName, ownServerKeys(config));
  const take = (known: KnownKeys) => {
    for (const [serverName, want] of missing) {
      const keys = known.get(serverName);
      if (keys) ring.set(serverName, keys);
      if (suffices(keys, want)) missing.delete(serverName);
    }
  };
  take(remembered(env));
  if (missing.size > 0) take(await readStored(env, [...missing.keys()]));
  return { ring, missing };
}

/** Of the keys with those ids the ones that are valid for long enough. */
export async function verifyKeysOf(
  env: Env,
  serverName: ServerName,
  keyIds: readonly string[],
  minValidUntilMs: number,
): Promise<ReadonlyMap<string, ServerKey>> {
  const ring = await fetchKeyRing(env, [{ serverName, keyIds, minValidUntilMs }]);
  const keys = [...(ring.get(serverName) ?? [])].filter(
    ([keyId, { validUntilMs }]) => keyIds.includes(keyId) && validUntilMs >= minValidUntilMs,
  );
  return new Map(keys);
}

function mergeWants(wanted: readonly WantedKeys[]): Map<ServerName, Want> {
  const wants = new Map<ServerName, Want>();
  for (const { serverName, keyIds, minValidUntilMs } of wanted) {
    const want = wants.get(serverName) ?? new Map<string, number>();
    wants.set(serverName, want);
    for (const keyId of keyIds) want.set(keyId, Math.max(want.get(keyId) ?? 0, minValidUntilMs));
  }
  return wants;
}

/** Whether asking again would tell nothing more. */
function suffices(keys: ReadonlyMap<string, ServerKey> | undefined, want: Want = new Map()): boolean {
  return [...want].every(([keyId, minValidUntilMs]) => {
    const key = keys?.get(keyId);
    return key !== undefined && (key.isOld || key.validUntilMs >= minValidUntilMs);
  });
}

const maxRemembered = 2_000;
const memories = new WeakMap<D1Database, KnownKeys>();

/** What this isolate has read from D1. */
function remembered({ DB }: Env): KnownKeys {
  const known = memories.get(DB) ?? new Map();
  memories.set(DB, known);
  return known;
}

/** Reads from D1, and remembers. */
async function readStored(env: Env, serverNames: readonly string[]): Promise<KnownKeys> {
  const rows = await findServerKeys(openD1(env.DB, readConfig(env).meter), serverNames);
  const found = new Map(serverNames.map((name) => [name, new Map<string, ServerKey>()]));
  for (const { serverName, keyId, publicKey, validUntilMs, isOld } of rows) {
    const key = decodeBase64(publicKey);
    if (key) found.get(serverName)?.set(keyId, { keyId, publicKey: key, validUntilMs, isOld });
  }
  const known = remembered(env);
  if (known.size + found.size > maxRemembered) known.clear();
  for (const [serverName, keys] of found) known.set(serverName, keys);
  return found;
}
