import type { UserId } from '../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../matrix/json.ts';
import type { Sqlite } from '../../../../platform/sqlite.ts';
import { readKeysElsewhere, writeKeysElsewhere } from '../../storage/user-keys/keys-elsewhere.ts';
import { listSignatures } from '../../storage/user-keys/signatures.ts';
import type { KnownKeys, UserKeys } from '../user-keys-rpc.ts';
import { withSignatures } from './query-keys.ts';

export function knownKeysElsewhere(sqlite: Sqlite, owner: UserId, viewer: UserId): KnownKeys {
  const { keys, ...known } = readKeysElsewhere(sqlite);
  return keys ? { ...known, keys: asSeenBy(sqlite, owner, viewer, keys) } : known;
}

export function keepKeysElsewhere(
  sqlite: Sqlite,
  owner: UserId,
  viewer: UserId,
  keys: UserKeys,
  { askedMs, revision }: Pick<KnownKeys, 'askedMs' | 'revision'>,
): UserKeys {
  writeKeysElsewhere(sqlite, keys, askedMs, revision);
  return asSeenBy(sqlite, owner, viewer, keys);
}

/** The identity of a user of another server, which users of this one may sign. */
export function masterKeyElsewhere(sqlite: Sqlite): { key: JsonObject; publicKey: string } | undefined {
  const key = readKeysElsewhere(sqlite).keys?.masterKey;
  const publicKey = key && publicKeyIn(key);
  return key && publicKey !== undefined ? { key, publicKey } : undefined;
}

function asSeenBy(sqlite: Sqlite, owner: UserId, viewer: UserId, keys: UserKeys): UserKeys {
  const publicKey = keys.masterKey && publicKeyIn(keys.masterKey);
  if (!keys.masterKey || publicKey === undefined) return keys;
  const signatures = listSignatures(sqlite, owner, viewer);
  return { ...keys, masterKey: withSignatures(keys.masterKey, publicKey, signatures) };
}

function publicKeyIn({ keys }: JsonObject): string | undefined {
  const [publicKey] = isJsonObject(keys) ? Object.values(keys) : [];
  return typeof publicKey === 'string' ? publicKey : undefined;
}
