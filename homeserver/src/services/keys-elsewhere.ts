import type { DeviceId, ServerName, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';
import { mapConcurrently } from '../../../platform/map-concurrently.ts';
import type { Env } from '../env.ts';
import { askKeys, type KeysElsewhere } from '../federation/outbound/ask-keys.ts';
import type { Stubs } from '../objects/stubs.ts';
import type { KnownKeys, UserKeys } from '../objects/user-keys-rpc.ts';

const width = 20;
/** Should news of a change have been lost, it is noticed after this. */
const maxAgeMs = 24 * 60 * 60_000;

interface Parts {
  env: Env;
  stubs: Stubs;
}

export interface FoundElsewhere {
  found: Map<UserId, UserKeys>;
  /** Servers that did not answer: of their users what is found, if anything, is what was known. */
  failures: ServerName[];
}

/**
 * Keys of users of other servers. Who shares an encrypted room with the viewer is answered from what is known: their
 * server tells each change, and has done so since it was asked if the room was shared then. Else it is asked.
 * @param wanted devices by user; none: all
 */
export async function keysElsewhere(
  { env, stubs }: Parts,
  viewer: UserId,
  elsewhere: ReadonlyMap<ServerName, readonly UserId[]>,
  wanted: Readonly<Record<string, readonly string[]>>,
  timeoutMs: number | undefined,
): Promise<FoundElsewhere> {
  const found = new Map<UserId, UserKeys>();
  if (elsewhere.size === 0) return { found, failures: [] };
  const nowMs = Date.now();
  const since = await stubs.user(viewer).sharedSince([...elsewhere.values()].flat());
  const known = new Map<UserId, KnownKeys>();
  await mapConcurrently(Object.entries(since), width, async ([userId, sinceMs]) => {
    const keys = await stubs.userKeys(userId as UserId).keysElsewhere(viewer);
    known.set(userId as UserId, keys);
    if (keys.keys && keys.askedMs >= sinceMs && keys.askedMs > nowMs - maxAgeMs) {
      found.set(userId as UserId, keys.keys);
    }
  });
  const asked = await askKeys(env, 'query', stillToAsk(elsewhere, found, known, wanted), timeoutMs);
  await mapConcurrently([...elsewhere.values()].flat(), width, async (userId) => {
    const told = found.has(userId) ? undefined : keysOf(asked, userId);
    const before = known.get(userId);
    if (!told) return;
    if (!before) found.set(userId, told);
    else {
      const kept = { askedMs: nowMs, revision: before.revision };
      found.set(userId, await stubs.userKeys(userId).putKeysElsewhere(told, kept, viewer));
    }
  });
  for (const server of asked.failures) addKept(elsewhere.get(server) ?? [], found, known);
  for (const [userId, keys] of found) found.set(userId, selected(keys, wanted[userId] ?? []));
  return { found, failures: asked.failures };
}

/** Of who is kept all devices are asked for. */
function stillToAsk(
  elsewhere: ReadonlyMap<ServerName, readonly UserId[]>,
  found: ReadonlyMap<UserId, UserKeys>,
  known: ReadonlyMap<UserId, KnownKeys>,
  wanted: Readonly<Record<string, readonly string[]>>,
): Map<ServerName, Record<UserId, JsonValue>> {
  const open = new Map<ServerName, Record<UserId, JsonValue>>();
  for (const [server, userIds] of elsewhere) {
    const users = userIds.filter((userId) => !found.has(userId));
    if (users.length === 0) continue;
    const devices = (userId: UserId) => (known.has(userId) ? [] : [...(wanted[userId] ?? [])]);
    open.set(server, Object.fromEntries(users.map((userId) => [userId, devices(userId)])));
  }
  return open;
}

/** A server is away: what is known of its users has to do. */
function addKept(
  users: readonly UserId[],
  found: Map<UserId, UserKeys>,
  known: ReadonlyMap<UserId, KnownKeys>,
): void {
  for (const userId of users) {
    const keys = known.get(userId)?.keys;
    if (keys && !found.has(userId)) found.set(userId, keys);
  }
}

function keysOf({ found }: KeysElsewhere, userId: UserId): UserKeys | undefined {
  const { device_keys: devices, master_keys: master, self_signing_keys: selfSigning } = found;
  const [deviceKeys, masterKey, selfSigningKey] = [
    devices?.[userId],
    master?.[userId],
    selfSigning?.[userId],
  ];
  if (!deviceKeys && !masterKey) return undefined;
  return {
    deviceKeys: (deviceKeys ?? {}) as Record<DeviceId, JsonObject>,
    ...(masterKey && { masterKey }),
    ...(selfSigningKey && { selfSigningKey }),
  };
}

function selected(keys: UserKeys, deviceIds: readonly string[]): UserKeys {
  if (deviceIds.length === 0) return keys;
  const devices = Object.entries(keys.deviceKeys).filter(([deviceId]) => deviceIds.includes(deviceId));
  return { ...keys, deviceKeys: Object.fromEntries(devices) as UserKeys['deviceKeys'] };
}
