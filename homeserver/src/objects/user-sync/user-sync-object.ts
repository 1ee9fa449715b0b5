import { DurableObject } from 'cloudflare:workers';
import type { DeviceId, EventId, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import init from '../../../../migrations/objects/user-sync/0001-init.sql';
import { errorText, log } from '../../../../platform/log.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { PresenceState } from '../../protocol/sync/presence.ts';
import { parseSyncToken } from '../../protocol/sync/sync-token.ts';
import { notifyGateway } from '../../services/push-gateway.ts';
import { writeKeyCounts } from '../../storage/user-sync/devices.ts';
import { joinedRoomIds, membershipsByRoom } from '../../storage/user-sync/rooms.ts';
import type { RoomDelta } from '../room-rpc.ts';
import { makeStubs } from '../stubs.ts';
import type {
  ApprovedAction,
  AuthorizationCode,
  CodeProof,
  GrantRequest,
  KeyCounts,
  NotificationsQuery,
  PresenceNews,
  PusherInfo,
  PushRuleEdit,
  RefreshedTokens,
  RefreshProof,
  Restrictions,
  SessionInput,
  ToDeviceMessage,
  ToldPresence,
  UserSyncRpc,
} from '../user-sync-rpc.ts';
import {
  allAccountData,
  editTag,
  forgetRoom,
  getAccountData,
  getFilter,
  putAccountData,
  putFilter,
} from './account-data.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import {
  approve,
  browserSession,
  endBrowserSession,
  forgetPages,
  openBrowserSession,
  takeApproval,
} from './browser-sessions.ts';
import { closeInbox, openInbox, readInbox } from './dehydrated-inbox.ts';
import { dropEvents } from './drop-events.ts';
import { editPushRules } from './edit-push-rules.ts';
import { deviceListsSince } from './encryption-info.ts';
import { handleSyncFetch } from './handle-sync-fetch.ts';
import { permissionFor } from './hidden-invites.ts';
import { inheritRoom } from './inherit-room.ts';
import { redeemLoginToken, storeLoginToken } from './login-tokens.ts';
import { notifications } from './notifications.ts';
import {
  grantOfToken,
  introspect,
  isGrant,
  openGrant,
  redeemCode,
  refreshGrant,
  storeCode,
} from './oauth-sessions.ts';
import { pendingMembership } from './pending-membership.ts';
import { knownPresence, learnPresence } from './presence/meet-elsewhere.ts';
import { setPresence } from './presence/own-presence.ts';
import { watchPresence } from './presence/presence-watch.ts';
import { presenceWork } from './presence/presence-work.ts';
import { meetPresence, presenceFor, type Tell } from './presence/tell-presence.ts';
import { currentPushRules } from './push-flags.ts';
import { deletePusher, pushers, setPusher } from './pushers.ts';
import { positionOfToken, roomPositionAt } from './room-positions.ts';
import { type Notify, sendPushes } from './send-pushes.ts';
import {
  authenticate,
  createSession,
  deleteDevices,
  devices,
  refreshSession,
  updateDevice,
} from './sessions.ts';
import { markDeviceLists, noteDevicesOf, sharedSince } from './shared-devices.ts';
import { endOfTime } from './sliding-sync/lists.ts';
import {
  subscribeToThread,
  threadSubscription,
  threadSubscriptionsPage,
  unsubscribeFromThread,
} from './thread-subscriptions.ts';
import { enqueueToDevice } from './to-device.ts';
import { makeUserContext, type UserContext } from './user-context.ts';
import { dismissWaiting, wakeWaiting } from './wait.ts';

/** Everything of one local user that syncing needs. See `user-sync-rpc.ts` for what each method promises. */
export class UserSyncObject extends DurableObject<Env> implements UserSyncRpc {
  readonly #user: UserContext;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sqlite = new Sqlite(ctx.storage, env.LOG_METER === '1' ? 'UserSyncObject' : undefined);
    migrate(sqlite, [init]);
    const userId = (ctx.id.name ?? '') as UserId;
    this.#user = makeUserContext(userId, sqlite, watchPresence(userId, readConfig(env)));
  }

  async createSession(input: SessionInput) {
    return createSession(this.#user, input, Date.now());
  }

  async authenticate(accessToken: string) {
    return authenticate(this.#user, accessToken, Date.now());
  }

  async restrictions() {
    return this.#user.restrictions.current;
  }

  async restrict(changes: Partial<Restrictions>) {
    return this.#user.restrictions.change(changes);
  }

  async refreshSession(refreshToken: string, next: RefreshedTokens) {
    return refreshSession(this.#user, refreshToken, next, Date.now());
  }

  async storeCode(code: AuthorizationCode) {
    storeCode(this.#user, code, Date.now());
  }

  async redeemCode(proof: CodeProof, tokens: RefreshedTokens) {
    return redeemCode(this.#user, proof, tokens, Date.now());
  }

  async openGrant(request: GrantRequest, tokens: RefreshedTokens) {
    return openGrant(this.#user, request, tokens, Date.now());
  }

  async refreshGrant(presented: RefreshProof, next: RefreshedTokens) {
    return refreshGrant(this.#user, presented, next, Date.now());
  }

  async grantOfToken(token: string) {
    return grantOfToken(this.#user, token, Date.now());
  }

  async introspect(token: string) {
    return introspect(this.#user, token, Date.now());
  }

  async isGrant(deviceId: DeviceId) {
    return isGrant(this.#user, deviceId);
  }

  async openBrowserSession(token: string) {
    return openBrowserSession(this.#user, token, Date.now());
  }

  async browserSession(token: string) {
    return browserSession(this.#user, token, Date.now());
  }

  async endBrowserSession(token: string) {
    endBrowserSession(this.#user, token);
  }

  async forgetPages() {
    forgetPages(this.#user);
  }

  async storeLoginToken(token: string) {
    storeLoginToken(this.#user, token, Date.now());
  }

  async redeemLoginToken(token: string) {
    return redeemLoginToken(this.#user, token, Date.now());
  }

  async approve(action: ApprovedAction) {
    approve(this.#user, action, Date.now());
  }

  async takeApproval(action: ApprovedAction) {
    return takeApproval(this.#user, action, Date.now());
  }

  async deleteDevices(deviceIds?: DeviceId[]) {
    const deleted = this.#changing(() => deleteDevices(this.#user, deviceIds));
    dismissWaiting(this.ctx, deleted);
    return deleted;
  }

  async devices() {
    return devices(this.#user);
  }

  async updateDevice(deviceId: DeviceId, displayName: string | undefined, create: boolean) {
    return updateDevice(this.#user, deviceId, displayName, create, Date.now());
  }

  async applyRoomDelta(delta: RoomDelta) {
    return this.#changing(() => applyRoomDelta(this.#user, delta));
  }

  async dropEvents(roomId: RoomId, positions: number[] | 'all') {
    this.#changing(() => dropEvents(this.#user, roomId, positions));
  }

  async enqueueToDevice(messages: ToDeviceMessage[]) {
    this.#changing(() => enqueueToDevice(this.#user, messages, Date.now()));
  }

  async openInbox(deviceId: DeviceId) {
    return openInbox(this.#user, deviceId);
  }

  async closeInbox(deviceId: DeviceId) {
    closeInbox(this.#user, deviceId);
  }

  async readInbox(deviceId: DeviceId, after: number, limit: number) {
    return readInbox(this.#user, deviceId, after, limit);
  }

  async setKeyCounts(deviceId: DeviceId, counts: KeyCounts) {
    const { oneTimeKeyCounts, unusedFallbackKeyTypes } = counts;
    const texts = [JSON.stringify(oneTimeKeyCounts), JSON.stringify(unusedFallbackKeyTypes)] as const;
    writeKeyCounts(this.#user.sqlite, deviceId, ...texts);
  }

  async noteDevicesOf(userId: UserId) {
    this.#changing(() => noteDevicesOf(this.#user, userId));
  }

  async sharedSince(others: UserId[]) {
    return sharedSince(this.#user, others);
  }

  async markDeviceLists(changed: UserId[], left: UserId[]) {
    this.#changing(() => markDeviceLists(this.#user, changed, left));
  }

  async joinedRooms() {
    return joinedRoomIds(this.#user.sqlite);
  }

  async memberships() {
    return membershipsByRoom(this.#user.sqlite);
  }

  async deviceListChanges(from: string, to?: string) {
    const { tag, last } = this.#user.stream;
    const since = parseSyncToken(from, tag, last)?.position ?? 0;
    const until = to === undefined ? last : (parseSyncToken(to, tag, last)?.position ?? last);
    return deviceListsSince(this.#user, since, until);
  }

  async roomPositionAt(roomId: RoomId, syncToken: string) {
    return roomPositionAt(this.#user, roomId, syncToken);
  }

  async getAccountData(type: string, roomId?: RoomId) {
    return getAccountData(this.#user, type, roomId);
  }

  async allAccountData() {
    return allAccountData(this.#user);
  }

  async putAccountData(type: string, content: JsonObject, roomId?: RoomId) {
    this.#changing(() => putAccountData(this.#user, type, content, roomId));
    return { kind: 'done' as const };
  }

  async pushRules() {
    return currentPushRules(this.#user);
  }

  async editPushRules(edit: PushRuleEdit) {
    return this.#changing(() => editPushRules(this.#user, edit));
  }

  async editTag(roomId: RoomId, tag: string, content?: JsonObject) {
    return this.#changing(() => editTag(this.#user, roomId, tag, content));
  }

  async inheritRoom(from: RoomId, to: RoomId) {
    this.#changing(() => inheritRoom(this.#user, from, to));
  }

  async threadSubscription(roomId: RoomId, threadId: EventId) {
    return threadSubscription(this.#user, roomId, threadId);
  }

  async subscribeToThread(roomId: RoomId, threadId: EventId, causedAt?: number) {
    return this.#changing(() => subscribeToThread(this.#user, roomId, threadId, causedAt));
  }

  async unsubscribeFromThread(roomId: RoomId, threadId: EventId) {
    this.#changing(() => unsubscribeFromThread(this.#user, roomId, threadId));
  }

  async threadSubscriptions(from: string | undefined, to: string | undefined, limit: number) {
    const after = to === undefined ? 0 : positionOfToken(this.#user, to);
    const before = from === undefined ? endOfTime : positionOfToken(this.#user, from);
    if (after === undefined || before === undefined) return undefined;
    return threadSubscriptionsPage(this.#user, { after, before }, limit);
  }

  async pendingMembership(roomId: RoomId) {
    return pendingMembership(this.#user, roomId);
  }

  async invitePermission(inviter: UserId) {
    return permissionFor(this.#user, inviter);
  }

  async setPresence(state: PresenceState, statusMsg?: string) {
    this.#changing(() => setPresence(this.#user, state, statusMsg, Date.now()));
  }

  async meetPresence(news: PresenceNews) {
    return this.#changing(() => meetPresence(this.#user, news));
  }

  async presenceFor(viewer: UserId, rooms: RoomId[]) {
    return presenceFor(this.#user, viewer, rooms);
  }

  async learnPresence(told: ToldPresence[], confirmed: UserId[]) {
    return this.#changing(() => learnPresence(this.#user, told, confirmed));
  }

  async knownPresence(userId: UserId) {
    return knownPresence(this.#user, userId);
  }

  async putFilter(filter: JsonObject) {
    return putFilter(this.#user, filter);
  }

  async getFilter(filterId: string) {
    return getFilter(this.#user, filterId);
  }

  async forgetRoom(roomId: RoomId) {
    return forgetRoom(this.#user, roomId);
  }

  async pushers() {
    return pushers(this.#user);
  }

  async setPusher(pusher: Omit<PusherInfo, 'setMs'>) {
    return setPusher(this.#user, pusher, Date.now());
  }

  async deletePusher(appId: string, pushkey: string) {
    deletePusher(this.#user, appId, pushkey);
  }

  async notifications(query: NotificationsQuery) {
    return notifications(this.#user, query, Date.now());
  }

  override async alarm() {
    const notify: Notify = (...push) => notifyGateway(this.env, readConfig(this.env), ...push);
    const push = () => sendPushes(this.#user, notify, Date.now);
    const stubs = makeStubs(this.env);
    const tell: Tell = (userId, news) => stubs.user(userId).meetPresence(news);
    const presence = presenceWork(this.ctx, this.#user, tell, stubs);
    await this.#user.due.run(Date.now(), { push, ...presence }, (name, error) =>
      log('error', 'user_sync.due_work_failed', { name, error: errorText(error) }),
    );
  }

  override async fetch(request: Request) {
    return handleSyncFetch(this.ctx, this.#user, request);
  }

  /** Does a change, then tells those who wait for one. */
  #changing<T>(change: () => T): T {
    const result = change();
    wakeWaiting(this.ctx, this.#user, Date.now());
    return result;
  }
}
