import { mayAssertUser, type Registration } from '../../../../../appservice/registration.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../../platform/log.ts';
import { receiptContent } from '../../../protocol/sync/receipt-event.ts';
import { lastOutbound, newestPosition } from '../../../storage/room/events.ts';
import { forgetServer, type JoinedServer } from '../../../storage/room/joined-servers.ts';
import {
  clearPending,
  isPending,
  membershipChanges,
  pendingUsers,
  wasJoined,
} from '../../../storage/room/members.ts';
import { type Receipt, receiptsFor, recentPublicReceipts } from '../../../storage/room/receipts.ts';
import type { Edu, ServerDelta } from '../../destination-rpc.ts';
import { deviceListEdu } from '../../device-list-edu.ts';
import type { RoomDelta, ServiceDelta } from '../../room-rpc.ts';
import type { Stubs } from '../../stubs.ts';
import type { Room } from '../room.ts';
import { appserviceDelta, companionsIn } from './appservice-delta.ts';
import { Audience } from './audience.ts';
import { type Ephemeral, FollowerChannel } from './follower-channel.ts';
import { isLocal, isSyncing } from './followers.ts';
import { userDelta, userSnapshot } from './room-delta.ts';
import { isForServers, maxDeltaPdus, receiptEdu, serverDelta, typingEdu } from './server-delta.ts';
import { anyonePending } from './shared-reads.ts';
import { within } from './within.ts';

/**
 * A crash between storing and delivering is repaired this much later. Sooner than an idle object is evicted
 * (10 s), so that the alarm ordinarily finds in memory that nothing is missing.
 */
export const repairDelayMs = 8_000;
const longestRetryMs = 600_000;
/** How long the due work waits for the deliveries that it started. */
const repairWaitMs = 5_000;
/** Receipts this young are told again after a crash. */
const recentReceiptMs = 60_000;
const maxRecentReceipts = 100;

type AnyChannel = FollowerChannel<RoomDelta> | FollowerChannel<ServiceDelta> | FollowerChannel<ServerDelta>;

/**
 * Tells the followers of a room what happens in it.
 *
 * 1. A change is stored; in the same transaction the due work `deliver` is made due in some seconds.
 * 2. `announce…` wakes the channels of those concerned. Followers do not wait for each other, nor does the
 *    sender.
 * 3. A follower whose position is another than the delta begins with answers `gap`, and gets what it lacks.
 * 4. `repair`, as due work, sends again what failed, and after a crash an empty delta to all, which those who
 *    are behind answer with `gap`. Changes of a user's own membership are in an outbox besides, since they
 *    can end the following.
 */
export class Deliveries {
  readonly #room: Room;
  readonly #stubs: Stubs;
  readonly #keepAlive: (work: Promise<void>) => void;
  readonly #retryAfter: (delayMs: number) => void;
  readonly #audience: Audience;
  readonly #users = new Map<UserId, FollowerChannel<RoomDelta>>();
  readonly #services = new Map<string, FollowerChannel<ServiceDelta>>();
  readonly #servers = new Map<string, FollowerChannel<ServerDelta>>();
  #typing: UserId[] = [];

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
    this.#audience = new Audience(room);
  }

  /**
   * Events behind `before` were stored.
   * @param audienceChanged among them are memberships or the room's aliases
   */
  announceEvents(before: number, audienceChanged: boolean): void {
    if (audienceChanged) {
      this.#audience.noteChange();
      for (const { userId } of membershipChanges(this.#room.sqlite, before, 'everyone')) {
        if (isPending(this.#room.sqlite, userId)) this.#wake(this.#userChannel(userId, before));
      }
    }
    for (const userId of this.#audience.users()) this.#wake(this.#userChannel(userId, before));
    for (const service of this.#concernedServices()) this.#wake(this.#serviceChannel(service, before));
    const servers = this.#audience.servers();
    if (servers.length === 0 || lastOutbound(this.#room.sqlite, newestPosition(this.#room.sqlite)) <= before)
      return;
    for (const server of servers) this.#wake(this.#serverChannel(server, before));
  }

  /** Server-server API, "Device Management": other servers are told of the devices of who joins a room with them. */
  announceJoin(userId: UserId, before: number): void {
    const isNew = this.#audience.servers().length > 0 && !wasJoined(this.#room.sqlite, userId, before);
    if (isNew && isSyncing(this.#room.config, userId)) this.#announceToServers({ newcomers: [userId] });
  }

  /** Members became known who were there before: what followers were told from is no help. */
  noteNewMembers(): void {
    this.#audience.restart();
    const newest = newestPosition(this.#room.sqlite);
    for (const server of this.#audience.servers()) this.#wake(this.#serverChannel(server, newest));
    for (const service of this.#concernedServices()) this.#wake(this.#serviceChannel(service, newest));
    for (const userId of pendingUsers(this.#room.sqlite)) this.#wake(this.#userChannel(userId, newest));
  }

  announceTyping(users: UserId[]): void {
    this.#typing = users;
    this.#announceEphemeral({ typing: true }, () => true);
    this.#announceToServers({ typing: true });
  }

  /** Private receipts are for their user, and for a service that speaks for that user. */
  announceReceipt(receipt: Receipt): void {
    const { serverName } = this.#room.config;
    this.#announceEphemeral({ receipts: [receipt] }, (follower) => {
      if (receipt.type !== 'm.read.private') return true;
      return typeof follower === 'string'
        ? follower === receipt.userId
        : mayAssertUser(follower, receipt.userId, serverName);
    });
    if (isForServers(this.#room, receipt)) this.#announceToServers({ receipts: [receipt] });
  }

  /** The due work `deliver`. @returns when it is due again, if anybody still lacks anything */
  async repair(nowMs: number): Promise<number | undefined> {
    const newest = newestPosition(this.#room.sqlite);
    for (const userId of pendingUsers(this.#room.sqlite)) this.#wake(this.#userChannel(userId, newest));
    for (const userId of this.#audience.users()) {
      const channel = this.#userChannel(userId, newest);
      if (!channel.isConfirmed && !channel.hasReceipts) {
        const sinceMs = nowMs - recentReceiptMs;
        channel.add({ receipts: receiptsFor(this.#room.sqlite, userId, sinceMs, maxRecentReceipts) });
      }
    }
    for (const service of this.#concernedServices()) this.#serviceChannel(service, newest);
    for (const server of this.#audience.servers()) {
      const channel = this.#serverChannel(server, newest);
      if (channel.isConfirmed || channel.hasReceipts) continue;
      const recent = recentPublicReceipts(this.#room.sqlite, nowMs - recentReceiptMs, maxRecentReceipts);
      channel.add({ receipts: recent.filter((receipt) => isForServers(this.#room, receipt)) });
    }
    const lagging = this.#channels().filter((channel) => !channel.isConfirmed || channel.isBusy);
    for (const channel of lagging) this.#wake(channel);
    await within(repairWaitMs, Promise.all(lagging.map((channel) => channel.settled())));
    const late = lagging.filter((channel) => channel.isBusy);
    if (late.length === 0) return undefined;
    return nowMs + retryDelayMs(Math.min(...late.map((channel) => channel.failures)));
  }

  #announceEphemeral(news: Partial<Ephemeral>, isFor: (follower: UserId | Registration) => boolean): void {
    const newest = newestPosition(this.#room.sqlite);
    const users = [...this.#audience.users()].filter(isFor);
    const services = this.#concernedServices().filter(
      (service) => service.receiveEphemeral && isFor(service),
    );
    const channels = [
      ...users.map((userId) => this.#userChannel(userId, newest)),
      ...services.map((service) => this.#serviceChannel(service, newest)),
    ];
    for (const channel of channels) {
      channel.add(news);
      this.#wake(channel);
    }
  }

  #announceToServers(news: Partial<Ephemeral>): void {
    const newest = newestPosition(this.#room.sqlite);
    for (const server of this.#audience.servers()) {
      if (server.until !== undefined) continue;
      const channel = this.#serverChannel(server, newest);
      channel.add(news);
      this.#wake(channel);
    }
  }

  #channels(): AnyChannel[] {
    return [...this.#users.values(), ...this.#services.values(), ...this.#servers.values()];
  }

  #concernedServices(): Registration[] {
    return this.#audience.services(({ id }) => this.#services.get(id)?.position);
  }

  #wake(channel: AnyChannel): void {
    this.#keepAlive(channel.wake());
  }

  #userChannel(userId: UserId, assumedPosition: number): FollowerChannel<RoomDelta> {
    const known = this.#users.get(userId);
    if (known) return known;
    const channel = new FollowerChannel<RoomDelta>(assumedPosition, {
      build: (position, isConfirmed, news, forceSnapshot) => {
        const snapshot = forceSnapshot ? userSnapshot(this.#room, userId) : undefined;
        const delta = snapshot ?? userDelta(this.#room, userId, position);
        return delta && this.#complete(delta, isConfirmed, news);
      },
      send: (delta) => this.#stubs.user(userId).applyRoomDelta(delta),
      onApplied: (delta) => {
        // Ordinarily there is nothing to clear, and a statement that may write is a transaction of its own.
        if (anyonePending(this.#room)) clearPending(this.#room.sqlite, userId, delta.position);
        if (!this.#audience.users().has(userId)) this.#users.delete(userId);
        return false;
      },
      onFailure: (failures, error) => this.#failed(userId, failures, error),
    });
    this.#users.set(userId, channel);
    return channel;
  }

  #serviceChannel(service: Registration, assumedPosition: number): FollowerChannel<ServiceDelta> {
    const known = this.#services.get(service.id);
    if (known) return known;
    const channel = new FollowerChannel<ServiceDelta>(assumedPosition, {
      build: (position, isConfirmed, news, forceSnapshot) => {
        const interest = this.#audience.interestOf(service);
        const delta = interest && appserviceDelta(this.#room, interest, position);
        if (!delta) return undefined;
        const companions = service.deviceNews && companionsIn(this.#room, interest, delta, forceSnapshot);
        return this.#complete(companions ? { ...delta, companions } : delta, isConfirmed, news);
      },
      send: (delta) => this.#stubs.appservice(service.id).applyRoomDelta(delta),
      // What did not fit into one delta follows.
      onApplied: (delta) => delta.events.length > 0,
      onFailure: (failures, error) => this.#failed(`appservice ${service.id}`, failures, error),
    });
    this.#services.set(service.id, channel);
    return channel;
  }

  #serverChannel(server: JoinedServer, assumedPosition: number): FollowerChannel<ServerDelta> {
    const { server: name } = server;
    const known = this.#servers.get(name);
    if (known) return known;
    /** Our users of whom it was told that they type. */
    let typists: UserId[] = [];
    const channel = new FollowerChannel<ServerDelta>(assumedPosition, {
      build: (position, isConfirmed, news, forceSnapshot) => {
        const joined = this.#audience.server(name);
        if (!joined) return undefined;
        const delta = serverDelta(this.#room, joined, position);
        const typing = this.#typing.filter((userId) => isLocal(this.#room.config, userId));
        if (news.typing) delta.edus.push(...typingChanges(this.#room, typists, typing));
        if (news.typing) typists = typing;
        delta.edus.push(...news.receipts.map((receipt) => receiptEdu(this.#room, receipt)));
        delta.edus.push(...news.newcomers.map((userId) => deviceListEdu(userId, Date.now())));
        const isEmpty = delta.pdus.length === 0 && delta.edus.length === 0;
        if (isEmpty && isConfirmed && !forceSnapshot) return undefined;
        return forceSnapshot ? { ...delta, restarts: true } : delta;
      },
      send: (delta) => this.#stubs.destination(name).applyRoomDelta(delta),
      onApplied: (delta) => {
        this.#forgetDeparted(name, delta);
        return delta.pdus.length === maxDeltaPdus;
      },
      onFailure: (failures, error) => this.#failed(name, failures, error),
    });
    this.#servers.set(name, channel);
    return channel;
  }

  /** A server whose last member is gone is told that, and nothing that comes later. */
  #forgetDeparted(name: string, { position }: ServerDelta): void {
    const { sqlite } = this.#room;
    const until = this.#audience.server(name)?.until;
    if (until === undefined || lastOutbound(sqlite, until) > position) return;
    forgetServer(sqlite, name, until);
    this.#audience.noteChange();
    this.#servers.delete(name);
  }

  /** Adds what is ephemeral. A follower whose position is not known is sent even an empty delta. */
  #complete<Delta extends ServiceDelta>(
    delta: Delta,
    isConfirmed: boolean,
    { typing, receipts }: Ephemeral,
  ): Delta | undefined {
    // Events that the follower may not see have changed the state all the same.
    const isBehind = delta.position !== delta.fromPosition || delta.events.length > 0;
    const isEmpty = !isBehind && !delta.snapshot && receipts.length === 0 && !typing;
    if (isEmpty && isConfirmed) return undefined;
    return {
      ...delta,
      ...(receipts.length > 0 ? { receipts: receiptContent(receipts) } : {}),
      ...(typing ? { typing: this.#typing } : {}),
    };
  }

  #failed(follower: string, failures: number, error: unknown): void {
    const { roomId } = this.#room;
    log('warn', 'room.delivery_failed', { roomId, follower, failures, error: errorText(error) });
    this.#retryAfter(retryDelayMs(failures));
  }
}

function retryDelayMs(failures: number): number {
  return Math.min(repairDelayMs * 2 ** failures, longestRetryMs);
}

function typingChanges(room: Room, before: readonly UserId[], now: readonly UserId[]): Edu[] {
  const started = now.filter((userId) => !before.includes(userId));
  const ended = before.filter((userId) => !now.includes(userId));
  return [
    ...started.map((userId) => typingEdu(room, userId, true)),
    ...ended.map((userId) => typingEdu(room, userId, false)),
  ];
}
