import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import { decodeBase64 } from './crypto.ts';
import { verifyJson } from './signatures.ts';

/** Server-server API, "Publishing Keys". */

export interface PublishedKey {
  /** `ed25519:<id>` */
  keyId: string;
  publicKey: Uint8Array;
  /** Epoch ms; of old keys when they were given up. */
  validUntilMs: number;
  isOld: boolean;
}

export interface KeyAnswer {
  keys: PublishedKey[];
  validUntilMs: number;
}

/** No answer is believed for longer than this. */
const maxValidityMs = 7 * 24 * 60 * 60 * 1000;
const maxKeys = 100;
const keyBytes = 32;

/**
 * Reads what a server says of its own keys, also when it comes through a notary. Of the current keys those count that
 * have signed it: a server cannot claim another's key.
 * @returns nothing if it is not of that server, or not signed by it
 */
export function readKeyAnswer(answer: unknown, serverName: string, nowMs: number): KeyAnswer | undefined {
  if (!isJsonObject(answer) || answer.server_name !== serverName) return undefined;
  const { valid_until_ts: validUntilTs } = answer;
  if (typeof validUntilTs !== 'number') return undefined;
  const validUntilMs = Math.min(validUntilTs, nowMs + maxValidityMs);
  const current: PublishedKey[] = [];
  for (const { keyId, publicKey } of keysIn(answer.verify_keys)) {
    if (verifyJson(answer, serverName, keyId, publicKey, 'any')) {
      current.push({ keyId, publicKey, validUntilMs, isOld: false });
    }
  }
  if (current.length === 0) return undefined;
  const names = new Set(current.map(({ keyId }) => keyId));
  const old: PublishedKey[] = [];
  for (const { keyId, publicKey, entry } of keysIn(answer.old_verify_keys)) {
    // A key that is still to be given up is none of the old ones.
    if (names.has(keyId) || typeof entry.expired_ts !== 'number' || entry.expired_ts > nowMs) continue;
    old.push({ keyId, publicKey, validUntilMs: entry.expired_ts, isOld: true });
  }
  return { keys: [...current, ...old], validUntilMs };
}

function keysIn(
  record: JsonValue | undefined,
): { keyId: string; publicKey: Uint8Array; entry: JsonObject }[] {
  if (!isJsonObject(record)) return [];
  const keys = [];
  for (const [keyId, entry] of Object.entries(record).slice(0, maxKeys)) {
    const publicKey =
      isJsonObject(entry) && typeof entry.key === 'string' ? decodeBase64(entry.key) : undefined;
    if (!isEd25519KeyId(keyId) || publicKey?.byteLength !== keyBytes || !isJsonObject(entry)) continue;
    keys.push({ keyId, publicKey, entry });
  }
  return keys;
}

export function isEd25519KeyId(keyId: string): boolean {
  return /^ed25519:[A-Za-z0-9_.-]{1,100}$/.test(keyId);
}
