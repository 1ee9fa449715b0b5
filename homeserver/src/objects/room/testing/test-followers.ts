import { vi } from 'vitest';
import { AppserviceObject } from '../../appservice/appservice-object.ts';
import type { DeltaResult, RoomDelta } from '../../room-rpc.ts';
import { UserSyncObject } from '../../user-sync/user-sync-object.ts';

const options = { interval: 2, timeout: 3_000 };

/**
 * Followers for tests, in place of the users' and application services' objects: each keeps its position per
 * room as the contract says, and can be made to fail or to hang. They survive an eviction of the room.
 */
export class TestFollowers {
  readonly #positions = new Map<string, number>();
  readonly #applied: { follower: string; delta: RoomDelta }[] = [];
  /** Every call, refused and failed ones included. */
  readonly calls: { follower: string; delta: RoomDelta }[] = [];
  readonly failing = new Set<string>();
  readonly hanging = new Set<string>();

  /** From now on the objects are these followers. */
  install(): void {
    const followers = this;
    for (const target of [UserSyncObject, AppserviceObject]) {
      Object.defineProperty(target.prototype, 'applyRoomDelta', {
        configurable: true,
        value(this: { ctx: DurableObjectState }, delta: RoomDelta) {
          return followers.#apply(this.ctx.id.name ?? '', delta);
        },
      });
    }
  }

  /** What the follower has applied of a room, in order. */
  deltas(follower: string, roomId: string): RoomDelta[] {
    return this.#applied
      .filter((entry) => entry.follower === follower && entry.delta.roomId === roomId)
      .map((entry) => entry.delta);
  }

  position(follower: string, roomId: string): number {
    return this.#positions.get(`${follower} ${roomId}`) ?? 0;
  }

  setPosition(follower: string, roomId: string, position: number): void {
    this.#positions.set(`${follower} ${roomId}`, position);
  }

  /** Looks again until it is so. A promise resolved by a follower would go on in that object's context. */
  until(isDone: () => boolean): Promise<void> {
    return vi.waitFor(() => {
      if (!isDone()) throw new Error(`not told: ${isDone.toString()}`);
    }, options);
  }

  reached(follower: string, roomId: string, position: number): Promise<void> {
    return this.until(() => this.position(follower, roomId) === position);
  }

  async #apply(follower: string, delta: RoomDelta): Promise<DeltaResult> {
    this.calls.push({ follower, delta });
    if (this.failing.has(follower)) throw new Error('the follower fails');
    if (this.hanging.has(follower)) return new Promise(() => {});
    const position = this.position(follower, delta.roomId);
    if (!delta.snapshot && delta.fromPosition !== position) return { kind: 'gap', position };
    this.setPosition(follower, delta.roomId, delta.position);
    this.#applied.push({ follower, delta });
    return { kind: 'applied' };
  }
}
