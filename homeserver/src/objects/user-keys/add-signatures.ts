import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { decodeBase64 } from '../../protocol/crypto.ts';
import { signingKeyIds, verifyJson } from '../../protocol/signatures.ts';
import { readCrossSigningKeys } from '../../storage/user-keys/cross-signing-keys.ts';
import { readDeviceKeys } from '../../storage/user-keys/device-keys.ts';
import { addSignature } from '../../storage/user-keys/signatures.ts';
import type { SignatureFailures, SignedObjects } from '../user-keys-rpc.ts';
import { masterKeyElsewhere } from './keys-elsewhere.ts';
import type { News } from './news.ts';
import { publicKeyOf } from './upload-cross-signing.ts';

/** What may be signed, and the keys by id whose signatures on it count. */
interface Target {
  object: JsonObject;
  signers: Map<string, string>;
}

/** Own devices are signed by the self-signing key, the own master key by own devices. */
export function addOwnSignatures(
  sqlite: Sqlite,
  news: News,
  owner: UserId,
  objects: SignedObjects,
): SignatureFailures {
  const { master, self_signing: selfSigning } = readCrossSigningKeys(sqlite);
  const outcome = addSignatures(sqlite, owner, objects, (target, object) => {
    if (master && target === master.publicKey) {
      return { object: master.key, signers: deviceSigners(sqlite, signingKeyIds(object, owner)) };
    }
    const device = readDeviceKeys(sqlite, target as DeviceId);
    const signer = selfSigning?.publicKey;
    return device && { object: device.keys, signers: new Map(signer ? [[`ed25519:${signer}`, signer]] : []) };
  });
  if (outcome.added) news.deviceListChanged();
  return outcome.failures;
}

/** Of another user only the master key can be signed, by the signer's user-signing key. */
export function addForeignSignatures(
  sqlite: Sqlite,
  signer: UserId,
  signingKey: JsonObject | undefined,
  objects: SignedObjects,
): SignatureFailures {
  const master = readCrossSigningKeys(sqlite).master ?? masterKeyElsewhere(sqlite);
  const publicKey = signingKey && publicKeyOf(signingKey, signer, 'user_signing');
  const signers = new Map(publicKey ? [[`ed25519:${publicKey}`, publicKey]] : []);
  const { failures } = addSignatures(sqlite, signer, objects, (target) =>
    master && target === master.publicKey ? { object: master.key, signers } : undefined,
  );
  return failures;
}

function addSignatures(
  sqlite: Sqlite,
  signer: UserId,
  objects: SignedObjects,
  find: (target: string, object: JsonObject) => Target | undefined,
): { failures: SignatureFailures; added: boolean } {
  const failures: SignatureFailures = {};
  let added = false;
  for (const [target, object] of Object.entries(objects)) {
    const found = find(target, object);
    if (!found) {
      failures[target] = { errcode: 'M_NOT_FOUND', error: 'Unknown device or key' };
      continue;
    }
    const valid = validSignatures(object, signer, found);
    if (valid.length === 0) {
      failures[target] = { errcode: 'M_INVALID_SIGNATURE', error: 'No valid signature of this object' };
      continue;
    }
    for (const [keyId, signature] of valid) {
      added = addSignature(sqlite, { target, signer, keyId, signature }) || added;
    }
  }
  return { failures, added };
}

/** The signed object must be the stored one; a signature of something else says nothing about it. */
function validSignatures(object: JsonObject, signer: UserId, target: Target): [string, string][] {
  if (signedPart(object) !== signedPart(target.object)) return [];
  const signatures = isJsonObject(object.signatures) ? object.signatures[signer] : undefined;
  if (!isJsonObject(signatures)) return [];
  return Object.entries(signatures).filter((entry): entry is [string, string] => {
    const publicKey = target.signers.get(entry[0]);
    const bytes = publicKey === undefined ? undefined : decodeBase64(publicKey);
    return bytes !== undefined && verifyJson(object, signer, entry[0], bytes);
  });
}

function signedPart({ signatures: _, unsigned: __, ...rest }: JsonObject): string | undefined {
  try {
    return canonicalJson(rest);
  } catch {
    return undefined;
  }
}

function deviceSigners(sqlite: Sqlite, keyIds: readonly string[]): Map<string, string> {
  const signers = new Map<string, string>();
  for (const keyId of keyIds) {
    const device = readDeviceKeys(sqlite, keyId.replace(/^ed25519:/, '') as DeviceId);
    const key = isJsonObject(device?.keys.keys) ? device.keys.keys[keyId] : undefined;
    if (typeof key === 'string') signers.set(keyId, key);
  }
  return signers;
}
