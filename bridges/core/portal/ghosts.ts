import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import type { UserId } from '../../../matrix/identifiers.ts';
import type { Bridge } from '../bridge.ts';
import type { NetworkClient } from '../network-client.ts';
import { profileMaxAgeMs, refreshPuppet } from '../puppet-profile.ts';
import type { RemoteUserId } from '../remote-ids.ts';
import type { Members } from './storage/members.ts';

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
    if (member && this.#now() - member.checkedMs < profileMaxAgeMs) return member.userId;
    const puppet = await refreshPuppet(this.#bridge, client, remoteUserId, this.#now());
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
}
