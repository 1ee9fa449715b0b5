import { localpartOf, type MxcUri, type UserId } from '../../matrix/identifiers.ts';
import { errorText, log } from '../../platform/log.ts';
import type { Bridge } from './bridge.ts';
import { ghostUserId } from './ghost-names.ts';
import type { NetworkClient, RemoteUserInfo } from './network-client.ts';
import type { Puppet } from './puppets.ts';
import type { RemoteUserId } from './remote-ids.ts';

/** A profile is compared with the network's at most this often, unless the network tells of a change. */
export const profileMaxAgeMs = 24 * 3_600_000;

/**
 * The ghost of a remote user, registered and with the name and picture of the network.
 * @param isChanged the network tells of a change: whatever is known is out of date
 */
export async function refreshPuppet(
  bridge: Bridge,
  client: NetworkClient,
  remoteUserId: RemoteUserId,
  nowMs: number,
  isChanged = false,
): Promise<Puppet> {
  const known = await bridge.puppets.get(remoteUserId);
  if (known && !isChanged && nowMs - known.updatedMs < profileMaxAgeMs) return known;
  const info = await client.getUserInfo(remoteUserId);
  const userId = known?.userId ?? (await register(bridge, remoteUserId));
  const avatar = await setAvatar(bridge, client, userId, info, known);
  if (known?.displayName !== info.name) {
    await bridge.config.matrix.asUser(userId).setDisplayName(userId, info.name);
  }
  const puppet: Puppet = { remoteUserId, userId, displayName: info.name, ...avatar, updatedMs: nowMs };
  await bridge.puppets.put(puppet);
  return puppet;
}

async function register(bridge: Bridge, remoteUserId: RemoteUserId): Promise<UserId> {
  const userId = ghostUserId(bridge.connector.id, remoteUserId, bridge.config);
  await bridge.config.matrix.register(localpartOf(userId));
  return userId;
}

/** A picture that cannot be had is no reason to lose a message: it is tried again with the next check. */
async function setAvatar(
  bridge: Bridge,
  client: NetworkClient,
  userId: UserId,
  info: RemoteUserInfo,
  known: Puppet | undefined,
): Promise<{ avatarId: string | undefined; avatarMxc: MxcUri | undefined }> {
  const avatarId = info.avatarUrl === undefined ? undefined : (info.avatarId ?? info.avatarUrl);
  const old = { avatarId: known?.avatarId, avatarMxc: known?.avatarMxc };
  if (avatarId === old.avatarId) return old;
  try {
    const matrix = bridge.config.matrix.asUser(userId);
    const avatarMxc =
      info.avatarUrl && client.avatars
        ? await matrix.uploadContent(await client.avatars.load(info.avatarUrl))
        : undefined;
    await matrix.setAvatarUrl(userId, avatarMxc ?? '');
    return { avatarId, avatarMxc };
  } catch (error) {
    log('warn', 'bridge.avatar_failed', { userId, error: errorText(error) });
    return old;
  }
}
