import type { Denial } from '../../../matrix/errors.ts';
import type { ClientEvent, Membership, StrippedStateEvent } from '../../../matrix/events.ts';
import type { DeviceId, EventId, RoomId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../matrix/json.ts';
import type { InvitePermission } from '../protocol/invite-permission.ts';
import type { OwnRule } from '../protocol/push-rules/edit-rules.ts';
import type { PushRuleKind, PushRuleset } from '../protocol/push-rules/push-rule.ts';
import type { Presence, PresenceState } from '../protocol/sync/presence.ts';
import type { DeltaResult, RoomDelta } from './room-rpc.ts';

/** What `UserSyncObject` offers to the rest of the server. Plain data only: this crosses RPC. */

export interface SessionInput {
  /** Made by the caller; the object stores only its SHA-256. */
  accessToken: string;
  refreshToken?: string;
  /** Lifetime of the access token in ms; absent: until logout. */
  expiresInMs?: number;
  /** An existing device is reused: its former tokens end. Absent: a new device. */
  deviceId?: DeviceId;
  initialDisplayName?: string;
}

export interface PendingMembership {
  membership: 'invite' | 'knock';
  roomVersion: string;
  strippedState: StrippedStateEvent[];
}

/** Both made by the caller, as in `SessionInput`. */
export interface RefreshedTokens {
  accessToken: string;
  refreshToken: string;
  expiresInMs: number;
}

export interface SessionInfo {
  kind: 'session';
  userId: UserId;
  deviceId: DeviceId;
  /** Only where there are any. */
  restrictions?: Restrictions;
}

/** What an administrator took from the user. The caller of `authenticate` has to heed it. */
export interface Restrictions {
  /** Everything but signing out. */
  locked: boolean;
  /** All that others would hear of. */
  suspended: boolean;
}

/** A session of OAuth 2.0 to be: what the user has allowed to whom. */
export interface GrantRequest {
  clientId: string;
  /** First name of the device. */
  clientName?: string;
  /** As granted, with the device. */
  scope: string;
  deviceId: DeviceId;
  /** The client registered for refresh tokens. */
  refreshable: boolean;
}

export interface AuthorizationCode extends GrantRequest {
  /** Made by the caller; the object stores only its SHA-256. */
  code: string;
  redirectUri: string;
  /** RFC 7636, by `S256`. */
  challenge: string;
}

/** What the client shows to get tokens for a code. */
export interface CodeProof {
  code: string;
  clientId: string;
  redirectUri: string;
  verifier: string;
}

export interface RefreshProof {
  refreshToken: string;
  clientId: string;
  /** What the client asks for, if it says so: no more than it has. */
  scope?: string | undefined;
}

export type GrantResult =
  | { kind: 'granted'; deviceId: DeviceId; scope: string; refreshable: boolean }
  /** `ended`: it was used a second time, so the sessions of this device were ended; the rest of it is to be deleted. */
  | { kind: 'refused'; ended?: DeviceId }
  /** More than the grant has is asked for; the token is not used up. */
  | { kind: 'scope_exceeded' };

export interface GrantInfo {
  deviceId: DeviceId;
  clientId: string;
  scope: string;
  /** It is an access token that is valid now. */
  active: boolean;
  expiresMs: number | null;
}

/** An access token that is valid now. Without client and scope it is of a login without OAuth. */
export interface TokenInfo {
  deviceId: DeviceId;
  clientId?: string;
  scope?: string;
  expiresMs: number | null;
}

/** What a user allows on our pages for a client to do within some minutes. */
export type ApprovedAction =
  | 'cross_signing_reset'
  /** What a client waits for in a session of interactive authentication, by the hash of that. */
  | `uia:${string}`;

/** Lifetime of tokens of `m.login.token`. */
export const loginTokenMs = 2 * 60_000;

/** `soft` asks the client to refresh or log in again without forgetting its keys. */
export interface UnknownToken {
  kind: 'unknown_token';
  soft: boolean;
}

export interface DeviceInfo {
  deviceId: DeviceId;
  displayName?: string;
  lastSeenTs?: number;
  lastSeenIp?: string;
}

export interface ToDeviceMessage {
  /** One id of the server per message and device: a repeated delivery is dropped. */
  messageId: string;
  /** `*` means every device. */
  deviceId: DeviceId | '*';
  type: string;
  sender: UserId;
  content: JsonObject;
}

/** Of the messages to a dehydrated device, oldest first. */
export interface InboxPage {
  events: JsonObject[];
  /** Position of the last one, behind which the next page begins. */
  end: number;
}

export interface KeyCounts {
  oneTimeKeyCounts: Record<string, number>;
  unusedFallbackKeyTypes: string[];
}

/** A change of the push rules, as the endpoints of the same names ask for it. */
export type PushRuleEdit = { kind: PushRuleKind; ruleId: string } & (
  | { edit: 'set'; rule: Omit<OwnRule, 'ruleId'>; before?: string; after?: string }
  | { edit: 'delete' }
  | { edit: 'enable'; enabled: boolean }
  | { edit: 'setActions'; actions: JsonValue[] }
);

/** A pusher (client-server API, "Push Notifications"), as the user has set it. */
export interface PusherInfo {
  appId: string;
  pushkey: string;
  /** It goes with the device. */
  deviceId: DeviceId;
  /** Epoch ms. */
  setMs: number;
  /** The other members that the specification names, `data` whole. */
  details: JsonObject;
}

export interface NotificationsQuery {
  /** Who asks: it is told which events it sent. */
  deviceId: DeviceId;
  /** Older than this position of the user's stream; absent: the newest. */
  before?: number;
  limit: number;
  highlightsOnly: boolean;
}

export interface NotificationsPage {
  notifications: { roomId: RoomId; event: ClientEvent; ts: number; read: boolean; actions: JsonValue[] }[];
  /** For `before` of the next page; absent: there are no more. */
  next?: number;
}

/** Of a thread that the user is subscribed to (MSC4306). */
export interface ThreadSubscription {
  /** A client did it by itself. */
  automatic: boolean;
}

/** Changes by room and thread root, in the form of MSC4308. */
export interface ThreadSubscriptionsPage {
  subscribed?: Record<string, Record<string, { bump_stamp: number; automatic: boolean }>>;
  unsubscribed?: Record<string, Record<string, { bump_stamp: number }>>;
  /** Where the next page goes on; absent: there is none. */
  end?: number;
}

/**
 * What the request to `UserSyncRpc.fetch` carries, packed by `sync-call.ts`. The Worker makes it
 * anew: nothing of the client's own request reaches the object unread.
 */
export interface SyncCall {
  kind: 'sync' | 'sliding';
  /** An access token for the object to check, or the device of a requester that the Worker has checked. */
  caller: { accessToken: string } | { deviceId: DeviceId };
  /** Query parameters as the client sent them. */
  query: Record<string, string>;
  /** Of sliding sync. */
  body?: JsonObject;
}

/** What frames of `UserSyncRpc.fetch` hold, and answers that the Worker has to complete. */
export interface SyncReply {
  answer: JsonObject;
  /** Rooms whose state lacks members, which the Worker gets from the rooms (a client that loads them all). */
  incomplete?: RoomId[];
  /** The filter wants events as servers exchange them, which the Worker gets from the rooms. */
  federationFormat?: true;
  /** The only fields of events to be left when the answer is complete. */
  eventFields?: string[];
  /** The call can no longer be answered as it is: the Worker is to ask again, without waiting. */
  again?: true;
}

/** What people of this server who share a room tell one another. */
export interface PresenceNews {
  from: UserId;
  presence: Presence;
  /** The one has seen the other come into a room. Else they have to find a room in common. */
  isGreeting: boolean;
  /** Rooms that `from` is in. */
  rooms: RoomId[];
}

/** What another server says of one of its users. */
export interface ToldPresence extends Presence {
  userId: UserId;
}

/** `stranger`: they share no room. */
export type PresenceReply = { kind: 'acquainted'; presence: Presence } | { kind: 'stranger' };

export interface UserSyncRpc {
  createSession(input: SessionInput): Promise<SessionInfo>;
  /** The check of every request. @param accessToken as presented */
  authenticate(accessToken: string): Promise<SessionInfo | UnknownToken>;
  /**
   * `/v3/refresh`: gives the session of a refresh token new tokens. The old refresh token goes on working
   * until one of the new ones has been used, so that a lost answer does not end the session.
   */
  refreshSession(refreshToken: string, next: RefreshedTokens): Promise<SessionInfo | UnknownToken>;
  /** OAuth 2.0, see `user-sync/oauth-sessions.ts`. Tokens are made by the caller, as in `SessionInput`. */
  storeCode(code: AuthorizationCode): Promise<void>;
  redeemCode(proof: CodeProof, tokens: RefreshedTokens): Promise<GrantResult>;
  openGrant(request: GrantRequest, tokens: RefreshedTokens): Promise<GrantResult>;
  refreshGrant(presented: RefreshProof, next: RefreshedTokens): Promise<GrantResult>;
  /** @param token of either kind */
  grantOfToken(token: string): Promise<GrantInfo | undefined>;
  /** @returns nothing for a token that is not good, or of a locked account */
  introspect(token: string): Promise<TokenInfo | undefined>;
  /** Whether the device signed in by OAuth. */
  isGrant(deviceId: DeviceId): Promise<boolean>;
  /** The cookie of our own pages. @returns `false` if the account is locked: then there is none */
  openBrowserSession(token: string): Promise<boolean>;
  /** @returns nothing if it is none, has ended, or the account is locked */
  browserSession(token: string): Promise<{ openedMs: number } | undefined>;
  endBrowserSession(token: string): Promise<void>;
  /** Logs all browsers out and drops codes and approvals. */
  forgetPages(): Promise<void>;
  /** For `m.login.token`, made by the caller: good for one login within two minutes. */
  storeLoginToken(token: string): Promise<void>;
  redeemLoginToken(token: string): Promise<boolean>;
  approve(action: ApprovedAction): Promise<void>;
  /** Uses the approval up: it is good for one. */
  takeApproval(action: ApprovedAction): Promise<boolean>;
  restrictions(): Promise<Restrictions>;
  /** Changes some, and returns all. */
  restrict(changes: Partial<Restrictions>): Promise<Restrictions>;
  /** Ends the sessions of these devices and forgets the devices; absent: all. Returns those that existed. */
  deleteDevices(deviceIds?: DeviceId[]): Promise<DeviceId[]>;
  devices(): Promise<DeviceInfo[]>;
  /** Creates the device if `create` (application services, MSC4190). `false`: no such device. */
  updateDevice(deviceId: DeviceId, displayName: string | undefined, create: boolean): Promise<boolean>;

  applyRoomDelta(delta: RoomDelta): Promise<DeltaResult>;
  /** The room purges the events at these positions, or all of itself. */
  dropEvents(roomId: RoomId, positions: number[] | 'all'): Promise<void>;
  enqueueToDevice(messages: ToDeviceMessage[]): Promise<void>;
  /** A dehydrated device (MSC3814) gets messages from now on. `false`: somebody is logged in with it. */
  openInbox(deviceId: DeviceId): Promise<boolean>;
  closeInbox(deviceId: DeviceId): Promise<void>;
  /** @returns nothing if there is no such inbox */
  readInbox(deviceId: DeviceId, after: number, limit: number): Promise<InboxPage | undefined>;
  /** One-time and fallback keys that the device has left, told by `UserKeysObject` whenever they change. */
  setKeyCounts(deviceId: DeviceId, counts: KeyCounts): Promise<void>;
  /** Users whose devices or identity changed, and users with whom no encrypted room is shared any more. */
  /** The devices of a user elsewhere changed; of no concern unless an encrypted room is shared. */
  noteDevicesOf(userId: UserId): Promise<void>;
  /** Of these users those with whom an encrypted room is shared, and since when without a break (epoch ms). */
  sharedSince(others: UserId[]): Promise<Record<UserId, number>>;
  markDeviceLists(changed: UserId[], left: UserId[]): Promise<void>;

  joinedRooms(): Promise<RoomId[]>;
  /** Of all rooms that the user has to do with, or had. */
  memberships(): Promise<Record<RoomId, Membership>>;
  /** `/keys/changes`. Tokens of `/sync`; `to` absent: now. */
  deviceListChanges(from: string, to?: string): Promise<{ changed: UserId[]; left: UserId[] }>;
  /** The room's position at a token of `/sync`, so that such a token can be paginated from. */
  roomPositionAt(roomId: RoomId, syncToken: string): Promise<number | undefined>;

  /** Account data; `roomId` absent: global. */
  getAccountData(type: string, roomId?: RoomId): Promise<JsonObject | undefined>;
  /** By type, and by room and type. */
  allAccountData(): Promise<{
    global: Record<string, JsonObject>;
    rooms: Record<string, Record<string, JsonObject>>;
  }>;
  putAccountData(type: string, content: JsonObject, roomId?: RoomId): Promise<{ kind: 'done' } | Denial>;
  /** The rules with the server's defaults. */
  pushRules(): Promise<PushRuleset>;
  editPushRules(edit: PushRuleEdit): Promise<{ kind: 'done' } | Denial>;
  /** @param content absent: the tag is removed */
  editTag(roomId: RoomId, tag: string, content?: JsonObject): Promise<{ kind: 'done' } | Denial>;
  /** Gives a room the tags, push rules and direct flag that the user has set for the one it replaces. */
  inheritRoom(from: RoomId, to: RoomId): Promise<void>;
  pushers(): Promise<PusherInfo[]>;
  /** Makes or replaces the pusher of this app and key. */
  setPusher(pusher: Omit<PusherInfo, 'setMs'>): Promise<{ kind: 'done' } | Denial>;
  deletePusher(appId: string, pushkey: string): Promise<void>;
  /** Events that notified, as far as they are kept, newest first. */
  notifications(query: NotificationsQuery): Promise<NotificationsPage>;
  threadSubscription(roomId: RoomId, threadId: EventId): Promise<ThreadSubscription | undefined>;
  /** @param causedAt position of the event by which a client subscribes by itself; absent: by hand */
  subscribeToThread(roomId: RoomId, threadId: EventId, causedAt?: number): Promise<{ kind: 'done' } | Denial>;
  unsubscribeFromThread(roomId: RoomId, threadId: EventId): Promise<void>;
  /**
   * Newest first. @param to a token of either sync, or of these pages @returns nothing if a token is none of ours
   */
  threadSubscriptions(
    from: string | undefined,
    to: string | undefined,
    limit: number,
  ): Promise<ThreadSubscriptionsPage | undefined>;
  /** The user's invitation to a room, or knock there; nothing if there is none. */
  pendingMembership(roomId: RoomId): Promise<PendingMembership | undefined>;
  /** What becomes of an invitation by this user, whoever's server they are of. */
  invitePermission(inviter: UserId): Promise<InvitePermission>;
  setPresence(state: PresenceState, statusMsg?: string): Promise<void>;
  /** Called by another user's object; answers with the presence of this user. */
  meetPresence(news: PresenceNews): Promise<PresenceReply>;
  /** @param rooms of the viewer @returns nothing if the user is in none of them */
  presenceFor(viewer: UserId, rooms: RoomId[]): Promise<Presence | undefined>;
  /**
   * What another server tells of its users, of whom those count who share a room.
   * @param confirmed those who are known to @returns those who may, or may not: the rooms know it
   */
  learnPresence(told: ToldPresence[], confirmed: UserId[]): Promise<UserId[]>;
  /** What the user has learned so of somebody of another server. */
  knownPresence(userId: UserId): Promise<Presence | undefined>;
  putFilter(filter: JsonObject): Promise<string>;
  getFilter(filterId: string): Promise<JsonObject | undefined>;
  forgetRoom(roomId: RoomId): Promise<{ kind: 'done' } | Denial>;

  /**
   * `/sync` and sliding sync, and their waiting. One request with a `SyncCall`: the object checks the token
   * and answers 200 with the client's JSON if there is something or nobody wants to wait (a `SyncReply` if
   * rooms have to add to it, told by a header), else 101 with a hibernating WebSocket whose first frame is the empty reply (to give at the time-out) and whose second,
   * when something comes, is the full one. Refusals are Matrix errors.
   */
  fetch(request: Request): Promise<Response>;
}
