import {
  badJson,
  type Denial,
  denial,
  forbidden,
  type MatrixError,
  unknown,
} from '../../../../matrix/errors.ts';
import type { EventId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import type { DueHandler, DueWork } from '../../../../platform/due-work.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { eventAt, eventOfTransaction, newestPosition } from '../../storage/room/events.ts';
import { type Member, membersWith } from '../../storage/room/members.ts';
import { newestStateChange } from '../../storage/room/state.ts';
import type { UnsignedEvent, UnsignedEvents } from '../room-policy-rpc.ts';
import type {
  AppendInput,
  AppendResult,
  PartialJoin,
  PurgedHistory,
  ReceiptInput,
  ReceivedEvent,
  ReceiveInput,
  TransactionKey,
} from '../room-rpc.ts';
import type { DraftedInvite, MembershipInput, TakenMembership, TemplateNeeds } from '../room-serving-rpc.ts';
import type { Stubs } from '../stubs.ts';
import { DelayedEvents } from './delayed-events.ts';
import { Deliveries, repairDelayMs } from './delivery/deliveries.ts';
import { isLocal } from './delivery/followers.ts';
import { appendEvent } from './graph/append-event.ts';
import { mergeExtremities } from './graph/merge-extremities.ts';
import { fillGap } from './incoming/fill-gap.ts';
import { readIncoming } from './incoming/incoming-event.ts';
import { placeInGap } from './incoming/place-in-gap.ts';
import { receiveEvent } from './incoming/receive-event.ts';
import { receiveEvents, receiveOutliers } from './incoming/receive-events.ts';
import { mayBeJoined } from './partial/guess-members.ts';
import { type AskState, PartialWork } from './partial/partial-work.ts';
import { takePartialJoin } from './partial/take-partial-join.ts';
import { draftForPolicy, RoomPolicy } from './policy.ts';
import { purgeHistory } from './retention/purge-history.ts';
import { dropAllCopies } from './retention/purge-messages.ts';
import { RetentionWork } from './retention/retention-work.ts';
import type { Room } from './room.ts';
import { RoomIndexWork, type WriteIndex } from './room-index-work.ts';
import { draftInvite } from './serving/invites.ts';
import { takeMembership } from './serving/take-membership.ts';
import { setReceipt } from './set-receipt.ts';
import { TypingUsers } from './typing.ts';

/** Has the room's policy server sign an event, or says why it does not. */
export type AskPolicy = (draft: UnsignedEvent) => Promise<{ pdu: Pdu } | MatrixError>;

/** A room together with what this instance keeps in memory: those who type, and the state of deliveries. */
export class LiveRoom {
  readonly room: Room;
  readonly #stubs: Stubs;
  readonly #dueWork: DueWork;
  readonly #retention: RetentionWork;
  readonly #index: RoomIndexWork;
  readonly #deliveries: Deliveries;
  readonly #policy: RoomPolicy;
  readonly #partial: PartialWork;
  readonly delayed: DelayedEvents;
  readonly #typing = new TypingUsers();
  /** Nobody has been told yet who types: typing from before an eviction may have to be ended. */
  #typingUnknown = true;

  constructor(
    room: Room,
    stubs: Stubs,
    dueWork: DueWork,
    keepAlive: (work: Promise<void>) => void,
    writeIndex: WriteIndex,
    askState: AskState,
    askPolicy: AskPolicy,
  ) {
    this.room = room;
    this.#policy = new RoomPolicy(room);
    this.#stubs = stubs;
    this.#dueWork = dueWork;
    this.#retention = new RetentionWork(room, stubs, dueWork);
    this.#index = new RoomIndexWork(room, dueWork, writeIndex);
    this.delayed = new DelayedEvents(room, dueWork, {
      append: (input, inTransaction) => this.append(input, inTransaction),
      needsConsent: (input) => this.#policy.serverFor(input) !== undefined,
      appendWithConsent: (input, isWanted) => this.#appendWithConsent(input, askPolicy, isWanted),
    });
    this.#deliveries = new Deliveries(room, stubs, keepAlive, (delayMs) =>
      dueWork.schedule('deliver', Date.now() + delayMs),
    );
    this.#partial = new PartialWork(room, stubs, dueWork, keepAlive, askState, () => {
      this.#deliveries.noteNewMembers();
      this.#index.noteChange(Date.now());
    });
  }

  /** Somebody of this server came in again through another, which left the members out. */
  takePartialJoin(input: PartialJoin): ReceivedEvent {
    const [result] = this.#takeIn(() => [takePartialJoin(this.room, input)]);
    if (this.room.isPartial) this.#partial.start();
    return result ?? { kind: 'malformed', reason: 'not taken in' };
  }

  /** All that a new room has is new to those in it. */
  announceCreation(): void {
    this.#dueWork.schedule('deliver', Date.now() + repairDelayMs);
    this.#index.noteChange(Date.now());
    this.#deliveries.announceEvents(0, true);
  }

  /** The join that ended an import is the first event of the timeline. */
  announceImport(): void {
    this.#dueWork.schedule('deliver', Date.now() + repairDelayMs);
    this.#index.noteChange(Date.now());
    const before = newestPosition(this.room.sqlite) - 1;
    this.#deliveries.announceEvents(before, true);
    const join = eventAt(this.room.sqlite, before + 1);
    if (join) this.#deliveries.announceJoin(join.sender, before);
    if (this.room.isPartial) this.#partial.start();
  }

  /** If the room has a policy server, nothing but a draft is made, which that is to sign. */
  appendOrDraft(input: AppendInput): AppendResult | UnsignedEvent {
    const policyServer = this.#policy.serverFor(input);
    return policyServer ? draftForPolicy(this.room, input, policyServer, Date.now()) : this.append(input);
  }

  /** Where nobody can be asked for consent. */
  appendAlone(input: AppendInput): AppendResult {
    const policyServer = this.#policy.serverFor(input);
    if (!policyServer) return this.append(input);
    return denial(forbidden(`Not without the consent of the policy server ${policyServer.name}`));
  }

  /** For events that the room makes by itself, under its alarm. */
  async #appendWithConsent(
    input: AppendInput,
    askPolicy: AskPolicy,
    isWanted: () => boolean,
  ): Promise<AppendResult | { kind: 'unwanted' }> {
    const drafted = this.appendOrDraft(input);
    if (drafted.kind !== 'unsigned') return drafted;
    const signed = await askPolicy(drafted);
    if (!('pdu' in signed)) return denial(signed);
    return isWanted() ? this.takeSigned({ ...signed.pdu }, input.transaction) : { kind: 'unwanted' };
  }

  /** @param inTransaction is done also if the event is refused */
  append(input: AppendInput, inTransaction?: () => void): AppendResult {
    const nowMs = Date.now();
    const before = newestPosition(this.room.sqlite);
    const appended = this.room.sqlite.transaction(() => {
      inTransaction?.();
      const result = appendEvent(this.room, input, nowMs);
      if (result.kind === 'stored') this.#dueWork.schedule('deliver', nowMs + repairDelayMs);
      if (result.kind === 'stored') {
        this.#retention.noteEvent(input.type === 'm.room.retention', nowMs);
        if (input.stateKey !== undefined) {
          this.delayed.noteState(input.type, input.stateKey, input.sender);
          this.#index.noteChange(nowMs);
        }
      }
      return result;
    });
    if (appended.kind === 'denied') return appended;
    if (appended.kind === 'stored') {
      if (input.stateKey !== undefined || input.redacts !== undefined) this.#policy.forget();
      const changesAudience = input.type === 'm.room.member' || input.type === 'm.room.canonical_alias';
      this.#deliveries.announceEvents(before, changesAudience);
      if (input.type === 'm.room.member' && input.content.membership === 'join') {
        this.#deliveries.announceJoin(input.sender, before);
      }
      const silent = silencedBy(input);
      if (silent && this.#typing.set(silent, false, nowMs)) this.#announceTyping();
    }
    return { kind: 'accepted', eventId: appended.eventId, position: appended.position };
  }

  receive({ pdus, statesBefore = {}, refusedByPolicy }: ReceiveInput): ReceivedEvent[] | UnsignedEvents {
    const unsigned = refusedByPolicy ? undefined : this.#policy.unsignedOf(pdus);
    if (unsigned) return unsigned;
    const unwanted = [...(refusedByPolicy ?? []), ...this.#policy.forgedOf(pdus)];
    return this.#takeIn(() => {
      const results = receiveEvents(this.room, pdus, statesBefore, unwanted);
      for (const [index, { type, state_key: stateKey, sender }] of pdus.entries()) {
        if (results[index]?.kind !== 'accepted' || typeof stateKey !== 'string') continue;
        this.delayed.noteState(String(type), stateKey, String(sender));
      }
      return results;
    });
  }

  receiveOutliers(pdus: readonly JsonObject[]): ReceivedEvent[] {
    return this.room.sqlite.transaction(() => receiveOutliers(this.room, pdus));
  }

  fillGap(position: number, { pdus, statesBefore = {} }: ReceiveInput): ReceivedEvent[] {
    return this.room.sqlite.transaction(() => {
      const results = fillGap(this.room, position, pdus, statesBefore);
      this.#retention.noteHistory(results, Date.now());
      return results;
    });
  }

  placeInGap(position: number, pdu: JsonObject, stateBefore?: EventId[]): ReceivedEvent {
    return this.room.sqlite.transaction(() => {
      const result = placeInGap(this.room, position, pdu, stateBefore);
      this.#retention.noteHistory([result], Date.now());
      return result;
    });
  }

  /** Stores what happened elsewhere, as one transaction, and tells the followers of it. */
  #takeIn(store: () => ReceivedEvent[]): ReceivedEvent[] {
    const nowMs = Date.now();
    const before = newestPosition(this.room.sqlite);
    const results = this.room.sqlite.transaction(() => {
      const received = store();
      mergeExtremities(this.room, nowMs);
      if (newestPosition(this.room.sqlite) > before) {
        this.#dueWork.schedule('deliver', nowMs + repairDelayMs);
        this.#retention.noteEvent(true, nowMs);
        if (newestStateChange(this.room.sqlite) > before) this.#index.noteChange(nowMs);
      }
      return received;
    });
    this.#policy.forget();
    // A fork may change memberships by other events than member events.
    if (newestPosition(this.room.sqlite) > before) this.#deliveries.announceEvents(before, true);
    return results;
  }

  /** An invitation of ours, signed by the invitee's server. */
  takeInvite(value: JsonObject): AppendResult {
    return this.#takeOurs(value);
  }

  draftInvite(input: AppendInput): DraftedInvite | Denial {
    const policyServer = this.#policy.serverFor(input);
    const drafted = draftInvite(this.room, input, Date.now());
    return drafted.kind === 'drafted' && policyServer ? { ...drafted, policyServer } : drafted;
  }

  /** An event of ours, signed by the policy server. */
  takeSigned(value: JsonObject, transaction?: TransactionKey): AppendResult {
    const { sqlite } = this.room;
    const { sender, type, state_key: stateKey } = value as unknown as Pdu;
    // The same request may have come again meanwhile.
    const earlier = transaction && eventOfTransaction(sqlite, { sender, type, ...transaction });
    if (earlier) return { kind: 'accepted', ...earlier };
    const taken = this.#takeOurs(value, transaction);
    if (taken.kind === 'denied') return taken;
    if (stateKey !== undefined) this.delayed.noteState(type, stateKey, sender);
    return taken;
  }

  /** An event of ours that another server has signed, too; what happened meanwhile may forbid it. */
  #takeOurs(value: JsonObject, transaction?: TransactionKey): AppendResult {
    const incoming = readIncoming(this.room, value);
    if (incoming.kind === 'malformed') return denial(badJson(incoming.reason));
    const event = { ...incoming, isOurs: true, ...(transaction ? { transaction } : {}) };
    const [result] = this.#takeIn(() => [receiveEvent(this.room, event, {})]);
    return result?.kind === 'accepted' || result?.kind === 'known'
      ? { kind: 'accepted', eventId: result.eventId, position: result.position }
      : denial(forbidden('The room does not allow the event any more'));
  }

  /** A member event of another server's user that came to this one first. */
  takeMembership(input: MembershipInput): TakenMembership | TemplateNeeds | Denial {
    return takeMembership(this.room, input, (event) => {
      const [result] = this.#takeIn(() => [receiveEvent(this.room, { ...event, isOurs: true }, {})]);
      return result ?? { kind: 'malformed', reason: 'not taken in' };
    });
  }

  setTyping(userId: UserId, timeoutMs: number | false): { kind: 'done' } | Denial {
    const nowMs = Date.now();
    if (!mayBeJoined(this.room, userId)) {
      return denial(forbidden('You are not in this room'));
    }
    const changed = this.#typing.set(userId, timeoutMs, nowMs);
    const expiryMs = this.#typing.nextExpiryMs();
    if (expiryMs !== undefined) this.#dueWork.schedule('typing', expiryMs);
    if (changed) this.#announceTyping();
    return { kind: 'done' };
  }

  setReceipt(input: ReceiptInput): { kind: 'done' } | Denial {
    const nowMs = Date.now();
    const result = this.room.sqlite.transaction(() => {
      const stored = setReceipt(this.room, input, nowMs);
      if (stored.kind === 'stored') this.#dueWork.schedule('deliver', nowMs + repairDelayMs);
      return stored;
    });
    if (result.kind === 'denied') return result;
    if (result.kind === 'stored') this.#deliveries.announceReceipt(result.receipt);
    return { kind: 'done' };
  }

  purgeHistory(beforeMs: number, after: number): Promise<PurgedHistory> {
    return purgeHistory(this.room, this.#stubs, beforeMs, after, Date.now());
  }

  /** Before the room is removed: nobody of this server is in it any more, and everybody knows. */
  async dissolve(force: boolean): Promise<Denial | undefined> {
    const inhabited = () => denial(forbidden('Users of this server are in the room'));
    if (this.#localMembers().length > 0 && !force) return inhabited();
    for (const { userId } of this.#localMembers()) {
      const content = { membership: 'leave' };
      const left = this.append({ sender: userId, type: 'm.room.member', stateKey: userId, content });
      if (left.kind === 'denied') return left;
    }
    if (await this.#deliveries.repair(Date.now())) return denial(unknown('Not everybody was told yet', 503));
    await dropAllCopies(this.room, this.#stubs);
    await this.#index.settled();
    // Somebody may have come meanwhile.
    return this.#localMembers().length > 0 ? inhabited() : undefined;
  }

  #localMembers(): Member[] {
    return (['join', 'invite', 'knock'] as const)
      .flatMap((membership) => membersWith(this.room.sqlite, membership))
      .filter(({ userId }) => isLocal(this.room.config, userId));
  }

  dueHandlers(): Record<string, DueHandler> {
    return {
      completeState: () => this.#partial.run(Date.now()),
      delayed: async () => this.delayed.run(Date.now()),
      index: () => this.#index.run(Date.now()),
      retention: () => this.#retention.run(Date.now()),
      deliver: () => this.#deliveries.repair(Date.now()),
      typing: async () => {
        if (this.#typing.expire(Date.now()) || this.#typingUnknown) this.#announceTyping();
        return this.#typing.nextExpiryMs();
      },
    };
  }

  #announceTyping(): void {
    this.#typingUnknown = false;
    this.#deliveries.announceTyping(this.#typing.users());
  }
}

/** Who types no more with this event: whoever is no longer in the room. Clients say themselves that a message is done. */
function silencedBy({ type, stateKey, content }: AppendInput): UserId | undefined {
  if (type !== 'm.room.member' || content.membership === 'join') return undefined;
  return stateKey as UserId | undefined;
}
