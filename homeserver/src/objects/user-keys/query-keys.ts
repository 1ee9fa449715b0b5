import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readCrossSigningKeys } from '../../storage/user-keys/cross-signing-keys.ts';
import { listDeviceKeys } from '../../storage/user-keys/device-keys.ts';
import { listSignatures, type StoredSignature } from '../../storage/user-keys/signatures.ts';
import type { UserKeys } from '../user-keys-rpc.ts';

/**
 * Keys as uploaded, with the signatures made since: the owner's for everyone, other people's only for the
 * one who made them. The user-signing key is the owner's own affair.
 */
export function queryKeys(sqlite: Sqlite, owner: UserId, deviceIds: DeviceId[], viewer: UserId): UserKeys {
  const signatures = listSignatures(sqlite, owner, viewer);
  const wanted = deviceIds.length > 0 ? new Set(deviceIds) : undefined;
  const deviceKeys: Record<DeviceId, JsonObject> = {};
  for (const { deviceId, keys, displayName } of listDeviceKeys(sqlite)) {
    if (wanted && !wanted.has(deviceId)) continue;
    const signed = withSignatures(keys, deviceId, signatures);
    deviceKeys[deviceId] = {
      ...signed,
      unsigned: displayName === null ? {} : { device_display_name: displayName },
    };
  }
  const { master, self_signing: selfSigning, user_signing: userSigning } = readCrossSigningKeys(sqlite);
  return {
    deviceKeys,
    ...(master && { masterKey: withSignatures(master.key, master.publicKey, signatures) }),
    ...(selfSigning && { selfSigningKey: selfSigning.key }),
    ...(userSigning && viewer === owner && { userSigningKey: userSigning.key }),
  };
}

export function withSignatures(
  object: JsonObject,
  target: string,
  signatures: readonly StoredSignature[],
): JsonObject {
  const added = signatures.filter((signature) => signature.target === target);
  if (added.length === 0) return object;
  const merged: JsonObject = isJsonObject(object.signatures) ? { ...object.signatures } : {};
  for (const { signer, keyId, signature } of added) {
    const present = Object.hasOwn(merged, signer) ? merged[signer] : undefined;
    merged[signer] = { ...(isJsonObject(present) ? present : {}), [keyId]: signature };
  }
  return { ...object, signatures: merged };
}
