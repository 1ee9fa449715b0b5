import { mayAssertUser, type Registration } from '../../../../appservice/registration.ts';
import type { UserId } from '../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../platform/log.ts';
import { newestPosition } from '../../storage/room/events.ts';
import { clearPending, pendingUsers } from '../../storage/room/members.ts';
import { type Receipt, receiptsFor } from '../../storage/room/receipts.ts';
import type { DeltaResult, RoomDelta } from '../room-rpc.ts';
import type { Stubs } from '../stubs.ts';
import { appserviceDelta, interestedRanges, isOpen } from './appservice-delta.ts';
import { type Follower, followerKey, syncingMembers } from './followers.ts';
import type { Room } from './room.ts';
import { userDelta } from './room-delta.ts';
import { receiptContent } from './set-receipt.ts';
import { snapshotDelta } from './snapshot.ts';
import type { Range } from './visible-ranges.ts';
import { within } from './within.ts';

/**
 * A crash between storing and delivering is repaired this much later. Sooner than an idle object is evicted
 * (10 s), so that the alarm ordinarily finds in memory that nothing is missing.
 */
export const repairDelayMs = 8_000;
const longestRetryMs = 600_000;
const sendTimeoutMs = 30_000;
/** Receipts this young are told again after a crash. */
const recentReceiptMs = 60_000;
const maxReceipts = 200;
/** A follower that answers `gap` more often than this gets a snapshot. */
const maxGaps = 3;
/** Events after its departure in which a service whose position is unknown is still told of it. */
const departureGrace = 10;

/** What this instance knows of one follower; nothing of it is needed after a crash. */
interface Channel {
  follower: Follower;
  /** What the follower has reached: told by it, or assumed before its first answer. */
  position: number;
  confirmed: boolean;
  dirty: boolean;
  typing: boolean;
  receipts: Receipt[];
  running: Promise<void> | undefined;
  failures: number;
}

/**
 * Tells the followers of a room what happens in it.
 *
 * 1. A change is stored; in the same transaction the due work `deliver` is made due in some seconds.
 * 2. `announce…` marks the channels of those concerned and lets each run: one delta in flight per follower,
 *    built when it is sent, so that what accumulates meanwhile goes together. Followers do not wait for each
 *    other, nor does the sender.
 * 3. A follower whose position is another than the delta begins with answers `gap`, and gets what it lacks.
 * 4. `repair`, as due work, sends again what failed, and after a crash an empty delta to all, which those who
 *    are behind answer with `gap`.
 */
export class Deliveries {
  readonly #room: Room;
  readonly #stubs: Stubs;
  readonly #keepAlive: (work: Promise<void>) => void;
  readonly #retryAfter: (delayMs: number) => void;
  readonly #channels = new Map<string, Channel>();
  #typing: UserId[] = [];
  /** Who follows the room, until a membership changes. */
  #audience: { users: UserId[]; services: Map<string, Range[]> } | undefined;

  constructor(
    room: Room,
    stubs: Stubs,
    keepAlive: (work: Promise<void>) => void,
    /** Has to make the due work due. */
    retryAfter: (delayMs: number) => void,
  ) {
    this.#room = room;
    this.#stubs = stubs;
    this.#keepAlive = keepAlive;
    this.#retryAfter = retryAfter;
  }

  /**
   * Events behind `before` were stored.
   * @param audienceChanged among them are memberships or the room's aliases
   */
  announceEvents(before: number, audienceChanged: boolean): void {
    if (audienceChanged) {
      this.#audience = undefined;
      for (const userId of pendingUsers(this.#room.sqlite)) this.#wake({ kind: 'user', userId }, before);
    }
    for (const follower of this.#followers()) this.#wake(follower, before);
  }

  announceTyping(users: UserId[]): void {
    this.#typing = users;
    const newest = newestPosition(this.#room.sqlite);
    for (const follower of this.#followers()) {
      if (!wantsEphemeral(follower)) continue;
      this.#channel(follower, newest).typing = true;
      this.#wake(follower, newest);
    }
  }

  announceReceipt(receipt: Receipt): void {
    const newest = newestPosition(this.#room.sqlite);
    for (const follower of this.#followers()) {
      if (!wantsEphemeral(follower) || !maySee(follower, receipt, this.#room.config.serverName)) continue;
      this.#channel(follower, newest).receipts.push(receipt);
      this.#wake(follower, newest);
    }
  }

  /** The due work `deliver`. @returns when it is due again, if anybody still lacks anything */
  async repair(nowMs: number): Promise<number | undefined> {
    const newest = newestPosition(this.#room.sqlite);
    for (const userId of pendingUsers(this.#room.sqlite)) this.#wake({ kind: 'user', userId }, newest);
    for (const follower of this.#followers()) {
      const channel = this.#channel(follower, newest);
      if (!channel.confirmed && channel.receipts.length === 0 && follower.kind === 'user') {
        const since = nowMs - recentReceiptMs;
        channel.receipts.push(...receiptsFor(this.#room.sqlite, follower.userId, since, maxReceipts));
      }
      if (!channel.confirmed || channel.dirty) this.#wake(follower, newest);
    }
    const channels = [...this.#channels.values()];
    await within(5_000, Promise.all(channels.map((channel) => channel.running)));
    const late = channels.filter((channel) => channel.running || channel.dirty);
    if (late.length === 0) return undefined;
    return nowMs + retryDelayMs(Math.min(...late.map((channel) => channel.failures)));
  }

  #followers(): Follower[] {
    this.#audience ??= {
      users: syncingMembers(this.#room),
      services: new Map(
        this.#room.config.registrations
          .filter((registration) => registration.url !== undefined)
          .map((registration) => [registration.id, interestedRanges(this.#room, registration)]),
      ),
    };
    const { users, services } = this.#audience;
    return [
      ...users.map((userId) => ({ kind: 'user', userId }) as const),
      ...this.#room.config.registrations
        .filter((registration) => this.#isConcerned(registration, services.get(registration.id) ?? []))
        .map((registration) => ({ kind: 'appservice', registration }) as const),
    ];
  }

  /** A service is interested now, or has not been told yet of the event that ended its interest. */
  #isConcerned(registration: Registration, ranges: readonly Range[]): boolean {
    if (isOpen(ranges)) return true;
    const end = ranges.at(-1)?.upTo;
    if (end === undefined) return false;
    const channel = this.#channels.get(followerKey({ kind: 'appservice', registration }));
    return channel ? channel.position < end : end > newestPosition(this.#room.sqlite) - departureGrace;
  }

  #channel(follower: Follower, assumedPosition: number): Channel {
    const key = followerKey(follower);
    let channel = this.#channels.get(key);
    if (!channel) {
      channel = {
        follower,
        position: assumedPosition,
        confirmed: false,
        dirty: false,
        typing: false,
        receipts: [],
        running: undefined,
        failures: 0,
      };
      this.#channels.set(key, channel);
    }
    return channel;
  }

  #wake(follower: Follower, assumedPosition: number): void {
    const channel = this.#channel(follower, assumedPosition);
    channel.dirty = true;
    if (channel.running) return;
    channel.running = this.#run(channel).finally(() => {
      channel.running = undefined;
      // Woken after the last look of `#run`.
      if (channel.dirty && channel.failures === 0) this.#wake(follower, assumedPosition);
    });
    this.#keepAlive(channel.running);
  }

  async #run(channel: Channel): Promise<void> {
    let gaps = 0;
    while (channel.dirty) {
      channel.dirty = false;
      const { receipts, typing } = channel;
      channel.receipts = [];
      channel.typing = false;
      const keepForNext = (): void => {
        channel.receipts = [...receipts, ...channel.receipts].slice(-maxReceipts);
        channel.typing ||= typing;
        channel.dirty = true;
      };
      try {
        const delta = this.#build(channel, receipts, typing, gaps > maxGaps);
        if (!delta) continue;
        const result = await within(sendTimeoutMs, this.#send(channel.follower, delta));
        if (!result) throw new Error('no answer in time');
        channel.failures = 0;
        channel.confirmed = true;
        if (result.kind === 'applied') this.#acknowledge(channel, delta);
        else {
          gaps += 1;
          channel.position = result.position;
          keepForNext();
        }
      } catch (error) {
        keepForNext();
        channel.failures += 1;
        log('warn', 'room.delivery_failed', {
          roomId: this.#room.roomId,
          follower: followerKey(channel.follower),
          failures: channel.failures,
          error: errorText(error),
        });
        this.#retryAfter(retryDelayMs(channel.failures));
        return;
      }
    }
  }

  #build(
    { follower, position, confirmed }: Channel,
    receipts: readonly Receipt[],
    typing: boolean,
    forceSnapshot: boolean,
  ): RoomDelta | undefined {
    const delta =
      follower.kind === 'appservice'
        ? appserviceDelta(this.#room, this.#rangesOf(follower.registration), position)
        : forceSnapshot
          ? snapshotDelta(this.#room, follower.userId, position)
          : userDelta(this.#room, follower.userId, position);
    if (!delta) return undefined;
    const idle = delta.events.length === 0 && !delta.snapshot && receipts.length === 0 && !typing;
    if (idle && confirmed) return undefined;
    return {
      ...delta,
      ...(receipts.length > 0 ? { receipts: receiptContent(receipts) } : {}),
      ...(typing ? { typing: this.#typing } : {}),
    };
  }

  #rangesOf(registration: Registration): readonly Range[] {
    return this.#audience?.services.get(registration.id) ?? interestedRanges(this.#room, registration);
  }

  #send(follower: Follower, delta: RoomDelta): Promise<DeltaResult> {
    return follower.kind === 'user'
      ? this.#stubs.user(follower.userId).applyRoomDelta(delta)
      : this.#stubs.appservice(follower.registration.id).applyRoomDelta(delta);
  }

  #acknowledge(channel: Channel, delta: RoomDelta): void {
    channel.position = delta.position;
    const { follower } = channel;
    if (follower.kind === 'appservice') {
      // What did not fit into one delta follows.
      channel.dirty ||= delta.events.length > 0;
      return;
    }
    clearPending(this.#room.sqlite, follower.userId, delta.position);
    const stays = this.#audience?.users.includes(follower.userId) ?? true;
    if (!stays && !channel.dirty) this.#channels.delete(followerKey(follower));
  }
}

function retryDelayMs(failures: number): number {
  return Math.min(repairDelayMs * 2 ** failures, longestRetryMs);
}

function wantsEphemeral(follower: Follower): boolean {
  return follower.kind === 'user' || follower.registration.receiveEphemeral;
}

/** Private receipts are for their user, and for a service that speaks for that user. */
function maySee(follower: Follower, { type, userId }: Receipt, serverName: string): boolean {
  if (type !== 'm.read.private') return true;
  return follower.kind === 'user'
    ? follower.userId === userId
    : mayAssertUser(follower.registration, userId, serverName);
}
