import {
  type Denial,
  denial,
  forbidden,
  invalidParam,
  invalidSignature,
  missingParam,
} from '../../../../matrix/errors.ts';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { decodeBase64 } from '../../protocol/crypto.ts';
import { verifyJson } from '../../protocol/signatures.ts';
import {
  type CrossSigningKeys,
  deleteCrossSigningKey,
  putCrossSigningKey,
  readCrossSigningKeys,
  type StoredCrossSigningKey,
  type Usage,
} from '../../storage/user-keys/cross-signing-keys.ts';
import { readDeviceKeys } from '../../storage/user-keys/device-keys.ts';
import { deleteSignaturesOf } from '../../storage/user-keys/signatures.ts';
import type { CrossSigningUpload } from '../user-keys-rpc.ts';
import type { News } from './news.ts';

const usages: readonly Usage[] = ['master', 'self_signing', 'user_signing'];

/**
 * https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload
 * A new master key takes the keys that the old one had signed away with it.
 */
export function uploadCrossSigning(
  sqlite: Sqlite,
  news: News,
  owner: UserId,
  upload: CrossSigningUpload,
  authorized: boolean,
): { kind: 'done' } | { kind: 'unauthorized' } | Denial {
  const parsed = parseUpload(upload, owner);
  if (parsed.kind === 'denied') return parsed;
  const { keys } = parsed;
  const stored = readCrossSigningKeys(sqlite);
  const master = keys.master ?? stored.master;
  if (!master) return denial(missingParam('There is no master key'));
  const changed = usages.filter((usage) => keys[usage] && !isSameKey(keys[usage], stored[usage]));
  if (changed.length === 0) return { kind: 'done' };
  const refused = checkKeys(sqlite, owner, keys, master);
  if (refused) return refused;
  if (stored.master && !authorized) return { kind: 'unauthorized' };

  const isNewMaster = stored.master?.publicKey !== master.publicKey;
  for (const usage of usages) {
    const key = keys[usage];
    const former = stored[usage];
    if (former && former.publicKey !== key?.publicKey && (key || isNewMaster)) {
      deleteSignaturesOf(sqlite, owner, former.publicKey);
      deleteCrossSigningKey(sqlite, usage);
    }
    if (key) putCrossSigningKey(sqlite, usage, key);
  }
  news.deviceListChanged();
  return { kind: 'done' };
}

function parseUpload(
  upload: CrossSigningUpload,
  owner: UserId,
): { kind: 'keys'; keys: CrossSigningKeys } | Denial {
  const keys: CrossSigningKeys = {};
  const given: Record<Usage, JsonObject | undefined> = {
    master: upload.masterKey,
    self_signing: upload.selfSigningKey,
    user_signing: upload.userSigningKey,
  };
  for (const usage of usages) {
    const key = given[usage];
    if (!key) continue;
    const publicKey = publicKeyOf(key, owner, usage);
    if (publicKey === undefined)
      return denial(invalidParam(`${usage} key: not a cross-signing key of yours`));
    keys[usage] = { publicKey, key };
  }
  return { kind: 'keys', keys };
}

/** The one key of a cross-signing key object, whose id is the key itself. */
export function publicKeyOf(key: JsonObject, owner: UserId, usage: Usage): string | undefined {
  if (key.user_id !== owner || !Array.isArray(key.usage) || !key.usage.includes(usage)) return undefined;
  const entries = isJsonObject(key.keys) ? Object.entries(key.keys) : [];
  const [keyId, publicKey] = entries[0] ?? [];
  if (entries.length !== 1 || typeof publicKey !== 'string' || keyId !== `ed25519:${publicKey}`)
    return undefined;
  return decodeBase64(publicKey)?.byteLength === 32 ? publicKey : undefined;
}

function isSameKey(
  key: StoredCrossSigningKey | undefined,
  stored: StoredCrossSigningKey | undefined,
): boolean {
  return (
    stored !== undefined && key?.publicKey === stored.publicKey && unsigned(key.key) === unsigned(stored.key)
  );
}

function unsigned({ signatures: _, unsigned: __, ...rest }: JsonObject): string {
  return canonicalJson(rest);
}

function checkKeys(
  sqlite: Sqlite,
  owner: UserId,
  keys: CrossSigningKeys,
  master: StoredCrossSigningKey,
): Denial | undefined {
  for (const usage of usages) {
    const key = keys[usage];
    if (!key) continue;
    if (readDeviceKeys(sqlite, key.publicKey as DeviceId)) return denial(forbidden('Key ID in use'));
    const masterBytes = decodeBase64(master.publicKey) ?? new Uint8Array();
    const isSigned =
      usage === 'master' || verifyJson(key.key, owner, `ed25519:${master.publicKey}`, masterBytes);
    if (!isSigned) return denial(invalidSignature(`The ${usage} key is not signed by the master key`));
  }
  return undefined;
}
