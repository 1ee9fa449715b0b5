import { type Denial, denial, forbidden, invalidParam, unknown } from '../../../../matrix/errors.ts';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { decodeBase64 } from '../../protocol/crypto.ts';
import { verifyJson } from '../../protocol/signatures.ts';
import { readCrossSigningKeys } from '../../storage/user-keys/cross-signing-keys.ts';
import { putDeviceKeys, readDeviceKeys } from '../../storage/user-keys/device-keys.ts';
import {
  deleteFallbackKeys,
  putFallbackKey,
  unusedFallbackAlgorithms,
} from '../../storage/user-keys/fallback-keys.ts';
import {
  addOneTimeKeys,
  countOneTimeKeys,
  deleteOneTimeKeys,
  listOneTimeKeys,
  type OneTimeKey,
} from '../../storage/user-keys/one-time-keys.ts';
import type { KeyUpload, KeyValue } from '../user-keys-rpc.ts';
import type { KeyCounts } from '../user-sync-rpc.ts';
import type { News } from './news.ts';

/** More than any client keeps; bounds what a hostile one can store. */
const maxOneTimeKeys = 1000;

/** All of the upload is accepted, or nothing. What was uploaded before changes nothing. */
export function uploadKeys(
  sqlite: Sqlite,
  news: News,
  owner: UserId,
  deviceId: DeviceId,
  upload: KeyUpload,
): ({ kind: 'counts' } & KeyCounts) | Denial {
  const deviceKeys = upload.deviceKeys && checkDeviceKeys(sqlite, owner, deviceId, upload.deviceKeys);
  if (deviceKeys?.kind === 'denied') return deviceKeys;
  const begunAnew = deviceKeys?.kind === 'changed' && deviceKeys.begunAnew;
  const oneTimeKeys = selectNewKeys(sqlite, deviceId, upload.oneTimeKeys ?? {}, begunAnew);
  if (oneTimeKeys.kind === 'denied') return oneTimeKeys;

  if (begunAnew) {
    // They belonged to the keys that are gone.
    deleteOneTimeKeys(sqlite, deviceId);
    deleteFallbackKeys(sqlite, deviceId);
    news.countsChanged(deviceId);
  }
  if (upload.deviceKeys && deviceKeys?.kind === 'changed') {
    putDeviceKeys(sqlite, deviceId, canonicalJson(upload.deviceKeys), upload.displayName);
    news.deviceListChanged();
  }
  for (const [algorithm, keys] of oneTimeKeys.byAlgorithm) {
    addOneTimeKeys(sqlite, deviceId, algorithm, keys);
  }
  for (const [algorithm, keys] of byAlgorithm(upload.fallbackKeys ?? {})) {
    for (const key of keys) putFallbackKey(sqlite, deviceId, algorithm, key);
  }
  if (upload.oneTimeKeys || upload.fallbackKeys) news.countsChanged(deviceId);
  return { kind: 'counts', ...countKeys(sqlite, deviceId) };
}

/** `signed_curve25519` is always told, since clients take its absence for "unchanged". */
export function countKeys(sqlite: Sqlite, deviceId: DeviceId): KeyCounts {
  return {
    oneTimeKeyCounts: { signed_curve25519: 0, ...countOneTimeKeys(sqlite, deviceId) },
    unusedFallbackKeyTypes: unusedFallbackAlgorithms(sqlite, deviceId),
  };
}

/**
 * A device keeps its identity: other identity keys belong to another device. Keys that are not signed by themselves are no
 * identity, since no client takes them: they give way to others.
 */
function checkDeviceKeys(
  sqlite: Sqlite,
  owner: UserId,
  deviceId: DeviceId,
  keys: JsonObject,
): { kind: 'changed'; begunAnew: boolean } | { kind: 'same' } | Denial {
  if (keys.user_id !== owner || keys.device_id !== deviceId) {
    return denial(invalidParam('device_keys names another user or device'));
  }
  const crossSigning = Object.values(readCrossSigningKeys(sqlite));
  if (crossSigning.some(({ publicKey }) => publicKey === deviceId)) {
    return denial(forbidden('The device id is in use as a cross-signing key'));
  }
  const stored = readDeviceKeys(sqlite, deviceId);
  if (!stored) return { kind: 'changed', begunAnew: false };
  if (canonicalJson(stored.keys) === canonicalJson(keys)) return { kind: 'same' };
  const wasSigned = isSignedByItself(stored.keys, owner, deviceId);
  for (const keyId of [`ed25519:${deviceId}`, `curve25519:${deviceId}`]) {
    const known = keyOf(stored.keys, keyId);
    if (known === undefined || known === keyOf(keys, keyId)) continue;
    if (!wasSigned) return { kind: 'changed', begunAnew: true };
    return denial(invalidParam(`The device has another ${keyId} key already`));
  }
  // Else the next upload could replace it.
  if (wasSigned && !isSignedByItself(keys, owner, deviceId)) {
    return denial(invalidParam('The device keys are not signed by the device'));
  }
  return { kind: 'changed', begunAnew: false };
}

function isSignedByItself(keys: JsonObject, owner: UserId, deviceId: DeviceId): boolean {
  const keyId = `ed25519:${deviceId}`;
  const key = keyOf(keys, keyId);
  const bytes = typeof key === 'string' ? decodeBase64(key) : undefined;
  return bytes !== undefined && verifyJson(keys, owner, keyId, bytes);
}

function keyOf(deviceKeys: JsonObject, keyId: string): unknown {
  return isJsonObject(deviceKeys.keys) && Object.hasOwn(deviceKeys.keys, keyId)
    ? deviceKeys.keys[keyId]
    : undefined;
}

/**
 * Without those that are there already. A key that has been claimed is not taken again, so that the late
 * repetition of an upload cannot have it given out twice.
 */
function selectNewKeys(
  sqlite: Sqlite,
  deviceId: DeviceId,
  keys: Record<string, KeyValue>,
  begunAnew: boolean,
): { kind: 'new'; byAlgorithm: Map<string, OneTimeKey[]> } | Denial {
  const selected = new Map<string, OneTimeKey[]>();
  for (const [algorithm, uploaded] of byAlgorithm(keys)) {
    const stored = begunAnew ? [] : listOneTimeKeys(sqlite, deviceId, algorithm);
    const newKeys = uploaded.filter(
      (key) => !stored.some((one) => one.keyId === key.keyId && one.key === key.key),
    );
    const unclaimed = new Map(stored.filter((one) => !one.isClaimed).map((one) => [one.keyId, one.key]));
    for (const { keyId, key } of newKeys) {
      const known = unclaimed.get(keyId);
      if (known !== undefined) return denial(keyExists(algorithm, keyId, known, key));
    }
    if (unclaimed.size + newKeys.length > maxOneTimeKeys) {
      return denial(invalidParam(`A device keeps at most ${maxOneTimeKeys} one-time keys`));
    }
    if (newKeys.length > 0) selected.set(algorithm, newKeys);
  }
  return { kind: 'new', byAlgorithm: selected };
}

/** @note matrix-rust-sdk reads the end of this text to tell a broken key store. */
function keyExists(algorithm: string, keyId: string, known: string, key: string) {
  return unknown(
    `One time key ${algorithm}:${keyId} already exists. Old key: ${known}; new key: ${key}`,
    400,
  );
}

/** `<algorithm>:<key id>` → keys by algorithm, in the order of upload. */
function byAlgorithm(keys: Record<string, KeyValue>): Map<string, OneTimeKey[]> {
  const grouped = new Map<string, OneTimeKey[]>();
  for (const [name, key] of Object.entries(keys)) {
    const colon = name.indexOf(':');
    const algorithm = name.slice(0, colon);
    const group = grouped.get(algorithm) ?? [];
    group.push({ keyId: name.slice(colon + 1), key: canonicalJson(key) });
    grouped.set(algorithm, group);
  }
  return grouped;
}
