import type { Denial } from '../../../matrix/errors.ts';
import type { ClientEvent, Membership, StateEvent, StrippedStateEvent } from '../../../matrix/events.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { LatestEvents } from './destination-rpc.ts';
import type { RoomAdminRpc } from './room-admin-rpc.ts';
import type { UnsignedEvent, UnsignedEvents } from './room-policy-rpc.ts';
import type { RoomServingRpc } from './room-serving-rpc.ts';

/**
 * What `RoomObject` offers to the rest of the server, and what it sends to those who follow a room.
 * Plain data only: this crosses RPC.
 *
 * Positions: a room numbers its events 1, 2, 3, … in the order in which it accepted them. A pagination
 * token is `p<position>` and names the gap behind that event.
 */

/** Identifies a retried request: the same transaction of the same device gives the same event. */
export interface TransactionKey {
  deviceId: string;
  txnId: string;
}

export interface AppendInput {
  sender: UserId;
  type: string;
  stateKey?: string;
  content: JsonObject;
  /** Target of an `m.room.redaction`, wherever the room version keeps it. */
  redacts?: string;
  transaction?: TransactionKey;
  /** Application services may date their events ("Timestamp massaging"). */
  originServerTs?: number;
  /** For member events: refused unless the target's present membership is one of these. */
  onlyFrom?: Membership[];
}

export type AppendResult = { kind: 'accepted'; eventId: EventId; position: number } | Denial;

/**
 * What became of an event of another server. `missing`: nothing was stored, since it cannot be judged without these:
 * events before it (or the state there, which then has to be told), and auth events or events of that state.
 */
export type ReceivedEvent =
  | { kind: 'accepted' | 'softFailed' | 'rejected' | 'known'; eventId: EventId; position: number }
  | { kind: 'missing'; eventId: EventId; prevEvents: EventId[]; others: EventId[] }
  | { kind: 'malformed'; reason: string };

/** Events of other servers, with valid signatures. */
export interface ReceiveInput {
  /** Who sent them: refused if the room's access control list bars it. */
  origin?: string;
  pdus: JsonObject[];
  /** By event id, for those whose previous events cannot be had: the ids of the state before it. */
  statesBefore?: Record<EventId, EventId[]>;
  /** The policy server was asked, and did not sign them: they are soft-failed. Absent: it was not asked. */
  refusedByPolicy?: EventId[];
}

export interface PartialJoin {
  pdu: JsonObject;
  eventId: EventId;
  /** State before it, as far as it was told. */
  stateBefore: EventId[];
  /** In the room, as was told. */
  servers: ServerName[];
}

export interface ImportRoomInput {
  roomVersion: string;
  createEvent: JsonObject;
}

/** Events of other servers, with valid signatures. */
export interface ImportEvents {
  /** Of the room's state before the join. */
  state: JsonObject[];
  authChain: JsonObject[];
}

export interface ImportProgress {
  kind: 'importing';
  /** Events that cannot be judged before others come. */
  waiting: number;
}

export interface CreateRoomInput {
  roomVersion: string;
  /** The signed `m.room.create` PDU. It is made outside, because a room of version 12 is named by its hash. */
  createEvent: JsonObject;
  /** Appended in order, in the same transaction; one refusal undoes the whole room. */
  events: AppendInput[];
}

export type CreateRoomResult = { kind: 'created'; roomId: RoomId } | Denial;

/** Who reads. The device is told which of the events it sent itself (`unsigned.transaction_id`). */
export interface Viewer {
  userId: UserId;
  deviceId?: string;
}

export interface MessagesQuery extends Viewer {
  /** Absent: from the newest (`b`) or the oldest (`f`) event. */
  from?: number;
  to?: number;
  dir: 'b' | 'f';
  limit: number;
  /** RoomEventFilter of the specification, already checked. */
  filter?: JsonObject;
}

export interface MessagesPage {
  kind: 'page';
  /** Positions; the endpoint makes tokens of them. */
  start: number;
  end?: number;
  chunk: ClientEvent[];
  /** The page ends, or else begins, at a gap in what this server has; these events before it are missing. */
  gap?: { position: number; missing: EventId[] };
  /** Member events of the senders when the filter lazy-loads them. */
  state: StateEvent[];
}

export interface RelationsQuery extends Viewer {
  eventId: EventId;
  relType?: string;
  eventType?: string;
  dir: 'b' | 'f';
  limit: number;
  from?: number;
  to?: number;
  recurse: boolean;
}

export interface ThreadsQuery extends Viewer {
  include: 'all' | 'participated';
  limit: number;
  /** Only threads whose latest reply is before this position. */
  before?: number;
}

export interface ThreadsPage {
  kind: 'threads';
  /** Roots. */
  chunk: ClientEvent[];
  /** For `before` of the next page; absent: there are no more. */
  next?: number;
}

export interface SearchQuery extends Viewer {
  /** All have to be in the text; at least one. */
  words: string[];
  keys: ('body' | 'name' | 'topic')[];
  orderBy: 'recent' | 'rank';
  limit: number;
  /** Nothing that is dated later (epoch ms). */
  upToMs: number;
  ignored: UserId[];
  filter?: JsonObject;
}

export interface SearchHit {
  eventId: EventId;
  sender: UserId;
  originServerTs: number;
  /** Greater is closer. */
  rank: number;
}

export interface SearchHits {
  kind: 'hits';
  /** Of all matches, up to a limit. */
  count: number;
  /** In the order that was asked for. */
  hits: SearchHit[];
  /** The room that this one replaces. */
  predecessor: string | undefined;
}

export interface SurroundingsQuery extends Viewer {
  eventIds: EventId[];
  context?: { before: number; after: number; profiles: boolean };
}

export interface FoundEvent {
  event: ClientEvent;
  context?: {
    start: number;
    end: number;
    /** Newest first. */
    eventsBefore: ClientEvent[];
    eventsAfter: ClientEvent[];
    profiles?: Record<string, { displayname?: string; avatar_url?: string }>;
  };
}

export interface EventContext {
  kind: 'context';
  start: number;
  end: number;
  event: ClientEvent;
  eventsBefore: ClientEvent[];
  eventsAfter: ClientEvent[];
  state: StateEvent[];
}

/** What a restricted room asks of those who join without an invitation. */
export interface JoinTerms {
  kind: 'terms';
  /** Members of any of these rooms may join. */
  allowedRooms: RoomId[];
  /** A local member who may invite, and so authorises the join; absent: this server cannot let anyone in. */
  authorisedVia?: UserId;
  /** Of members who may invite, if this server has none. */
  otherServers?: ServerName[];
}

/** What the directory and room previews show of a room. */
export interface RoomPreview {
  kind: 'preview';
  /** Anyone may see it, or the user who asks is involved. Else only for members of `allowedRooms`. */
  isOpen: boolean;
  roomId: RoomId;
  roomVersion: string;
  joinedCount: number;
  worldReadable: boolean;
  guestCanJoin: boolean;
  joinRule: string;
  allowedRooms?: RoomId[];
  name?: string;
  topic?: string;
  avatarUrl?: string;
  canonicalAlias?: string;
  roomType?: string;
  encryption?: string;
  /** Of the user who asks. */
  membership?: Membership;
}

/** An `m.space.child` event as a hierarchy shows it. */
export interface SpaceChild extends StrippedStateEvent {
  origin_server_ts: number;
}

/** A room of a space's hierarchy. */
export interface SpaceView {
  kind: 'space';
  preview: RoomPreview;
  /** In the order of the specification; empty if the room is no space. */
  children: SpaceChild[];
}

/** What stands closest to a time in the direction that was asked. */
export interface EventAtTime {
  kind: 'found';
  eventId: EventId;
  originServerTs: number;
}

/** An invitation to an address (`m.room.third_party_invite`), and what the user who claims it is to the room. */
export interface InviteOffer {
  kind: 'offer';
  sender: UserId;
  displayName: string;
  membership: Membership | undefined;
}

/** State that an upgraded room takes over. */
export interface CarriedState {
  type: string;
  stateKey: string;
  content: JsonObject;
}

/** What an upgrade has to know of the old room. */
export interface UpgradeSource {
  kind: 'source';
  roomVersion: string;
  createContent: JsonObject;
  creators: UserId[];
  lastEventId: EventId | undefined;
  powerLevels: JsonObject | undefined;
  canonicalAlias: JsonObject | undefined;
  /** The room that a tombstone names. */
  replacement: RoomId | undefined;
  /** What goes over to the new room, bans included. */
  state: CarriedState[];
}

export type ReceiptType = 'm.read' | 'm.read.private';

export interface ReceiptInput {
  userId: UserId;
  type: ReceiptType;
  eventId: EventId;
  threadId?: string;
  /** Epoch ms; absent: now. */
  ts?: number;
}

/** MSC4140: longest delay, and how many events of one user wait in one room. */
export const maxDelayMs = 365 * 24 * 60 * 60 * 1000;
export const maxScheduledEvents = 100;

export interface DelayInput {
  event: AppendInput;
  /** Whoever knows it may manage the event. */
  delayId: string;
  delayMs: number;
}

export type DelayResult = { kind: 'scheduled' } | { kind: 'tooMany' } | Denial;

export type DelayAction = 'cancel' | 'restart' | 'send';

export interface DelayedEvent {
  delayId: string;
  type: string;
  stateKey?: string;
  content: JsonObject;
  delayMs: number;
  /** Epoch ms. */
  runningSinceMs: number;
}

export interface PurgedHistory {
  kind: 'purged';
  messages: number;
  /** Where to go on; absent: all is done. */
  next?: number;
}

/** Of a room, for administrators. What is not set is null. */
export interface RoomFacts {
  kind: 'facts';
  roomId: RoomId;
  name: string | null;
  topic: string | null;
  avatarUrl: string | null;
  canonicalAlias: string | null;
  creator: string;
  version: string;
  roomType: string | null;
  encryption: string | null;
  federatable: boolean;
  joinRules: string | null;
  guestAccess: string | null;
  historyVisibility: string | null;
  joinedMembers: number;
  joinedLocalMembers: number;
  /** Of the current state. */
  stateEvents: number;
  /** What the room's object stores. */
  databaseBytes: number;
  /** All users of this server who were in it have left and forgotten it. */
  isForgotten: boolean;
}

/** An end of the event graph. */
export interface ForwardExtremity {
  eventId: EventId;
  depth: number;
  /** When it came to this server, epoch ms. */
  cameMs: number;
}

/**
 * Stands for an administrator where a room is asked what somebody may read of it: all that is there. No user has this
 * id, since those begin with `@`.
 */
export const administrator = 'administrator' as UserId;

export interface RoomRpc extends RoomServingRpc, RoomAdminRpc {
  create(input: CreateRoomInput): Promise<CreateRoomResult>;
  /** Refused if the room has a policy server: whose events may go there uses `appendEvent` of the services. */
  append(input: AppendInput): Promise<AppendResult>;
  /** The same, but what a policy server has to sign is drafted for it. */
  appendOrDraft(input: AppendInput): Promise<AppendResult | UnsignedEvent>;
  /** An event that was drafted, with the policy server's signature. */
  takeSigned(pdu: JsonObject, transaction?: TransactionKey): Promise<AppendResult>;

  /**
   * A room that began elsewhere comes in parts, so that one with 50,000 members is never held in memory: `beginImport`,
   * its state and auth chain by `importEvents` in any order and in portions (500 events, say), `settleImport` until
   * nothing waits, then the join by `finishImport`. Before that the room exists for nobody; `abortImport` removes it.
   */
  beginImport(input: ImportRoomInput): Promise<ImportProgress | Denial>;
  importEvents(events: ImportEvents): Promise<ImportProgress | Denial>;
  settleImport(): Promise<ImportProgress | Denial>;
  /** @param servers that are in the room, if the state came without all members: those are fetched then */
  finishImport(joinEvent: JsonObject, servers?: ServerName[]): Promise<{ kind: 'done' } | Denial>;
  abortImport(): Promise<void>;
  /** The join by which somebody comes into a room that is here, through another server that left the members out. */
  takePartialJoin(input: PartialJoin): Promise<ReceivedEvent | Denial>;

  /** Takes in what happened on other servers, in any order. @returns one result for each event */
  receive(input: ReceiveInput): Promise<ReceivedEvent[] | UnsignedEvents | Denial>;
  /** Takes in events of states and auth chains, which get no place in the timeline. Any order. */
  receiveOutliers(pdus: JsonObject[]): Promise<ReceivedEvent[] | Denial>;
  /** Puts history into the gap below `position`. */
  fillGap(position: number, input: ReceiveInput): Promise<ReceivedEvent[] | Denial>;

  /** The user gives up reading the room's past. Refused while they are joined, invited or knocking. */
  forget(userId: UserId): Promise<{ kind: 'done' } | Denial>;
  /** For a join that was refused. Denied if the room has no such terms. */
  joinTerms(userId: UserId): Promise<JoinTerms | Denial>;

  /** An event that is sent later, unless its sender cancels it or somebody else sets the same state before. */
  scheduleDelayed(input: DelayInput): Promise<DelayResult>;
  /** Denied with `M_NOT_FOUND` if it is not scheduled (any more), else as `append` is. */
  manageDelayed(delayId: string, action: DelayAction): Promise<{ kind: 'done' } | Denial>;
  /** What the user has scheduled, the next first. */
  delayedEvents(userId: UserId): Promise<DelayedEvent[]>;

  /** @param origin the server that told it; refused if the room bars that */
  setTyping(userId: UserId, timeoutMs: number | false, origin?: string): Promise<{ kind: 'done' } | Denial>;
  setReceipt(input: ReceiptInput, origin?: string): Promise<{ kind: 'done' } | Denial>;

  readMessages(query: MessagesQuery): Promise<MessagesPage | Denial>;
  readEvent(viewer: Viewer, eventId: EventId): Promise<{ kind: 'event'; event: ClientEvent } | Denial>;
  readContext(
    viewer: Viewer,
    eventId: EventId,
    limit: number,
    filter?: JsonObject,
  ): Promise<EventContext | Denial>;
  /** The event closest to a time (epoch ms) that the user may see, not before (`f`) or not after it (`b`). */
  readByTime(userId: UserId, timeMs: number, dir: 'f' | 'b'): Promise<EventAtTime | Denial>;
  readRelations(query: RelationsQuery): Promise<MessagesPage | Denial>;
  readThreads(query: ThreadsQuery): Promise<ThreadsPage | Denial>;
  search(query: SearchQuery): Promise<SearchHits | Denial>;
  readFound(query: SurroundingsQuery): Promise<FoundEvent[] | Denial>;
  readState(userId: UserId): Promise<{ kind: 'state'; events: StateEvent[] } | Denial>;
  readStateEvent(
    userId: UserId,
    type: string,
    stateKey: string,
  ): Promise<{ kind: 'event'; event: StateEvent } | Denial>;
  /** Those of the events that are there, as servers exchange them; for a user who was told them. */
  readPdus(eventIds: EventId[]): Promise<{ eventId: EventId; pdu: JsonObject }[]>;
  /** @param atPosition members as they were behind that event */
  readMembers(
    userId: UserId,
    options: { atPosition?: number; membership?: Membership; notMembership?: Membership },
  ): Promise<{ kind: 'members'; events: StateEvent[]; isPartial?: boolean } | Denial>;

  /** Denied, as if the room did not exist, where nobody but members may see it. @param userId absent: anyone */
  readPreview(userId?: UserId): Promise<RoomPreview | Denial>;

  /** Denied as `readPreview` is. @param suggestedOnly only the children that are marked as suggested */
  readSpace(userId: UserId, suggestedOnly: boolean): Promise<SpaceView | Denial>;

  /** What an invitation to an address tells of the room. Denied to those who may not invite. */
  readForInvite(userId: UserId): Promise<RoomPreview | Denial>;
  /** For who presents a proof with this token; tells outsiders no more than they were told by the offer. */
  readInviteOffer(userId: UserId, token: string): Promise<InviteOffer | Denial>;

  /** Denied to those who may not send a tombstone. */
  readForUpgrade(userId: UserId): Promise<UpgradeSource | Denial>;

  /** Whether the user is joined and has the power to set state of this type. */
  maySendState(userId: UserId, type: string): Promise<boolean>;

  /** Joined users of this server that have a `UserSyncObject` (not the ghosts of application services). */
  localMembers(): Promise<UserId[]>;
  /** For a server that was away for long. */
  latestFor(server: string): Promise<LatestEvents>;
  /** Everything a user's room list needs, to rebuild its copy. Absent if the user may not see the room. */
  snapshotFor(userId: UserId): Promise<RoomDelta | undefined>;
}

/** An event on its way to a follower, in client format, `unsigned` complete but for the transaction id. */
export interface DeliveredEvent {
  position: number;
  event: ClientEvent;
  /** Set for the sender's own copy only: shown as `unsigned.transaction_id` to the device that sent it. */
  transaction?: TransactionKey;
}

export interface RoomSummary {
  joinedCount: number;
  invitedCount: number;
  /** Up to five joined or invited users other than the follower (else left ones), oldest membership first. */
  heroes: UserId[];
}

/** Contents of `m.receipt`, by event, type and user; `ts` in epoch ms. */
export type ReceiptContent = Record<
  string,
  Record<string, Record<string, { ts: number; thread_id?: string }>>
>;

/**
 * What a room tells any follower, and all that it tells an application service. The follower keeps the position
 * it has reached per room; if `fromPosition` differs from it, it answers `gap` and gets what it lacks.
 * A delta with a `snapshot` is always applied.
 */
export interface ServiceDelta {
  roomId: RoomId;
  /** Position of the last event before `events` that this follower has been sent; 0 if none. */
  fromPosition: number;
  /** Position of the room after `events`. */
  position: number;
  events: DeliveredEvent[];
  snapshot?: RoomSnapshot;
  /** Users typing now; present when that changed. */
  typing?: UserId[];
  receipts?: ReceiptContent;
  /** For services with `deviceNews`, see `companionsIn`. */
  companions?: UserId[] | 'apart';
}

/** State that does not follow from the events of a delta taken in their order. */
export interface StateCorrections {
  set: StateEvent[];
  removed: { type: string; stateKey: string }[];
}

/** What a room tells a local user. */
export interface RoomDelta extends ServiceDelta {
  /** To be applied after `events`; the snapshot of a delta that has one is right as it is. */
  corrections?: StateCorrections;
  /** The follower's own membership after `events`. */
  membership: Membership;
  /** Most members are still to come. Then comes a snapshot. */
  isPartial?: boolean;
  /** Older events whose served form changed: redacted, or with new bundled aggregations. */
  updated: ClientEvent[];
  /** Member events of the senders of `events` and of the heroes, whether changed or not. */
  members: StateEvent[];
  summary: RoomSummary;
}

/** The room as a room list needs it; sent on invite, knock, join, and when a gap is too wide for events. */
export interface RoomSnapshot {
  roomVersion: string;
  /** All state but member events, the follower's own member event, and the heroes'. Empty when invited. */
  state: StateEvent[];
  /** For invites and knocks: what the follower may see of the room. */
  strippedState?: StrippedStateEvent[];
  /** Of an invitation. */
  inviteEventId?: EventId;
  /** Joined users of an encrypted room, for device lists. */
  joinedMembers?: UserId[];
  receipts?: ReceiptContent;
}

/** `anew`: a delta that starts from nothing is wanted, whatever the position. */
export type DeltaResult = { kind: 'applied' } | { kind: 'gap'; position: number; anew?: boolean };
