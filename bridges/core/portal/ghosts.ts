import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import { localpartOf, type MxcUri, type UserId } from '../../../matrix/identifiers.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { Bridge } from '../bridge.ts';
import { ghostUserId } from '../ghost-names.ts';
import type { NetworkClient, RemoteUserInfo } from '../network-client.ts';
import type { Puppet } from '../puppets.ts';
import type { RemoteUserId } from '../remote-ids.ts';
import type { Members } from './storage/members.ts';

/** A profile is compared with the network's at most this often, unless the network tells of a change. */
const recheckMs = 24 * 3_600_000;

/** Keeps ghosts registered, named and in the room. */
export class Ghosts {
  readonly #bridge: Bridge;
  readonly #members: Members;
  readonly #now: () => number;

  constructor(bridge: Bridge, members: Members, now: () => number) {
    this.#bridge = bridge;
    this.#members = members;
    this.#now = now;
  }

  /** The ghost of a remote user, registered and with its name and picture. */
  async ensure(client: NetworkClient, remoteUserId: RemoteUserId): Promise<UserId> {
    const member = this.#members.get(remoteUserId);
    if (member && this.#now() - member.checkedMs < recheckMs) return member.userId;
    const puppet = await this.refresh(client, remoteUserId);
    this.#members.put(remoteUserId, {
      userId: puppet.userId,
      joined: member?.joined ?? false,
      checkedMs: this.#now(),
    });
    return puppet.userId;
  }

  /** In the room too. Cheap when it is known to be. */
  async ensureJoined(client: NetworkClient, remoteUserId: RemoteUserId, roomId: string): Promise<UserId> {
    const userId = await this.ensure(client, remoteUserId);
    if (!this.#members.get(remoteUserId)?.joined) await this.join(userId, roomId);
    return userId;
  }

  async join(userId: UserId, roomId: string): Promise<void> {
    const { matrix } = this.#bridge.config;
    try {
      await matrix.inviteUser(roomId, userId);
    } catch (error) {
      // Of somebody who is in the room already: the join tells.
      if (!(error instanceof MatrixApiError && error.status === 403)) throw error;
    }
    await matrix.asUser(userId).joinRoom(roomId);
    this.#members.setJoined(userId, true);
  }

  /** Compares the profile with the network's, unless another portal has just done so. */
  async refresh(client: NetworkClient, remoteUserId: RemoteUserId): Promise<Puppet> {
    const known = await this.#bridge.puppets.get(remoteUserId);
    if (known && this.#now() - known.updatedMs < recheckMs) return known;
    const info = await client.getUserInfo(remoteUserId);
    const userId = known?.userId ?? (await this.#register(remoteUserId));
    const avatar = await this.#avatar(client, userId, info, known);
    if (known?.displayName !== info.name) {
      await this.#bridge.config.matrix.asUser(userId).setDisplayName(userId, info.name);
    }
    const puppet: Puppet = {
      remoteUserId,
      userId,
      displayName: info.name,
      ...avatar,
      updatedMs: this.#now(),
    };
    await this.#bridge.puppets.put(puppet);
    return puppet;
  }

  async #register(remoteUserId: RemoteUserId): Promise<UserId> {
    const userId = ghostUserId(this.#bridge.connector.id, remoteUserId, this.#bridge.config);
    await this.#bridge.config.matrix.register(localpartOf(userId));
    return userId;
  }

  /** A picture that cannot be had is no reason to lose the message: it is tried again with the next check. */
  async #avatar(
    client: NetworkClient,
    userId: UserId,
    info: RemoteUserInfo,
    known: Puppet | undefined,
  ): Promise<{ avatarId: string | undefined; avatarMxc: MxcUri | undefined }> {
    const avatarId = info.avatarUrl === undefined ? undefined : (info.avatarId ?? info.avatarUrl);
    const old = { avatarId: known?.avatarId, avatarMxc: known?.avatarMxc };
    if (avatarId === old.avatarId) return old;
    try {
      const matrix = this.#bridge.config.matrix.asUser(userId);
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
}
