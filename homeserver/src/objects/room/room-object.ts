import { DurableObject } from 'cloudflare:workers';
import { type Denial, denial, forbidden, notFound } from '../../../../matrix/errors.ts';
import type { Membership } from '../../../../matrix/events.ts';
import type { EventId, RoomId, ServerName, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import init from '../../../../migrations/objects/room/0001-init.sql';
import { openD1 } from '../../../../platform/d1.ts';
import { DueWork } from '../../../../platform/due-work.ts';
import { errorText, log } from '../../../../platform/log.ts';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { askFullState } from '../../federation/outbound/ask-full-state.ts';
import { signedByPolicyServer } from '../../federation/outbound/ask-policy-server.ts';
import { roomVersion } from '../../protocol/room-versions.ts';
import { writeRoomIndex } from '../../storage/d1/room-index.ts';
import { unknownEvents } from '../../storage/room/events.ts';
import { memberOf } from '../../storage/room/members.ts';
import { readPartialState } from '../../storage/room/partial-state.ts';
import { readExtremities, readRoomRow } from '../../storage/room/room-row.ts';
import type { LatestEvents } from '../destination-rpc.ts';
import type { UnsignedEvent } from '../room-policy-rpc.ts';
import type {
  AppendInput,
  AppendResult,
  CreateRoomInput,
  CreateRoomResult,
  DelayAction,
  DelayInput,
  ImportEvents,
  ImportRoomInput,
  MessagesQuery,
  PartialJoin,
  ReceiptInput,
  ReceiveInput,
  RelationsQuery,
  RoomDelta,
  RoomFacts,
  RoomRpc,
  SearchQuery,
  SurroundingsQuery,
  ThreadsQuery,
  TransactionKey,
  Viewer,
} from '../room-rpc.ts';
import type {
  BackfillQuery,
  MembershipInput,
  MissingEventsQuery,
  TemplateInput,
} from '../room-serving-rpc.ts';
import { makeStubs } from '../stubs.ts';
import { createRoom } from './create-room.ts';
import { syncingMembers } from './delivery/followers.ts';
import { userSnapshot } from './delivery/room-delta.ts';
import { latestEvents } from './delivery/server-delta.ts';
import { forgetRoom } from './forget-room.ts';
import { isPlaced } from './incoming/fill-gap.ts';
import {
  beginImport,
  finishImport,
  importEvents,
  importProgress,
  settleImport,
} from './incoming/import-room.ts';
import { type AskPolicy, LiveRoom } from './live-room.ts';
import type { AskState } from './partial/partial-work.ts';
import { joinTerms, maySendState, readPreview } from './reading/preview.ts';
import { gapAtTime, readByTime } from './reading/read-by-time.ts';
import { readDelayed } from './reading/read-delayed.ts';
import { forwardExtremities, mediaIn } from './reading/read-for-admins.ts';
import { readForInvite } from './reading/read-for-invite.ts';
import { readForUpgrade } from './reading/read-for-upgrade.ts';
import { readInviteOffer } from './reading/read-invite-offer.ts';
import { readPdus } from './reading/read-pdus.ts';
import { readRelations } from './reading/read-relations.ts';
import { readSpace } from './reading/read-space.ts';
import { readMembers, readState, readStateEvent } from './reading/read-state.ts';
import { readThreads } from './reading/read-threads.ts';
import { readContext, readEvent, readMessages } from './reading/read-timeline.ts';
import { roomFacts } from './reading/room-facts.ts';
import { readFound, searchRoom } from './reading/search.ts';
import { redactEventsOf } from './redact-events-of.ts';
import type { Room } from './room.ts';
import { templateFor } from './serving/membership-template.ts';
import { backfillFor, eventAtTimeFor, eventFor, missingEventsFor } from './serving/serve-history.ts';
import { spaceFor } from './serving/serve-space.ts';
import { authChainFor, stateEventsFor, stateIdsFor } from './serving/serve-state.ts';
import { isBarred, serversInRoom } from './serving/server-access.ts';

const migrations = [init];

/** An import that is not heard of for so long has been given up. */
const importPatienceMs = 60_000;

/**
 * One room: its only writer. An object whose room was never created has no tables, answers every read with a
 * denial and writes nothing, so that guessed room ids cost no storage.
 */
export class RoomObject extends DurableObject<Env> implements RoomRpc {
  readonly #sqlite: Sqlite;
  readonly #dueWork: DueWork;
  #live: LiveRoom | undefined;
  /** A room whose import has not ended. */
  #imported: Room | undefined;
  /** Then it may be begun anew (epoch ms). */
  #importEndMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sqlite = new Sqlite(ctx.storage, env.LOG_METER === '1' ? 'RoomObject' : undefined);
    this.#dueWork = new DueWork(this.#sqlite);
    const row = readRoomRow(this.#sqlite);
    const version = row && roomVersion(row.version);
    if (!version) return;
    migrate(this.#sqlite, migrations);
    const isPartial = readPartialState(this.#sqlite)?.isComplete === false;
    const room = { sqlite: this.#sqlite, roomId: row.roomId, version, config: readConfig(env), isPartial };
    if (row.importing) this.#imported = room;
    else this.#open(room);
  }

  async create(input: CreateRoomInput): Promise<CreateRoomResult> {
    const parts = { sqlite: this.#sqlite, config: readConfig(this.env) };
    const name = this.ctx.id.name as RoomId;
    const isNew = readRoomRow(this.#sqlite) === undefined;
    const room = createRoom(parts, name, input, () => migrate(this.#sqlite, migrations), Date.now());
    if ('kind' in room) {
      if (isNew) await this.ctx.storage.deleteAll();
      return room;
    }
    this.#open(room).announceCreation();
    return { kind: 'created', roomId: room.roomId };
  }

  async beginImport(input: ImportRoomInput) {
    // Whoever began it is gone.
    if (this.#imported && Date.now() > this.#importEndMs) await this.abortImport();
    this.#importEndMs = Date.now() + importPatienceMs;
    const parts = { sqlite: this.#sqlite, config: readConfig(this.env) };
    const name = this.ctx.id.name as RoomId;
    const room = beginImport(parts, name, input, () => migrate(this.#sqlite, migrations));
    if ('kind' in room) return room;
    this.#imported = room;
    return importProgress(room);
  }

  async importEvents(events: ImportEvents) {
    this.#importEndMs = Date.now() + importPatienceMs;
    const room = this.#imported;
    return room ? this.#sqlite.transaction(() => importEvents(room, events)) : unknownRoom();
  }

  async settleImport() {
    const room = this.#imported;
    return room ? this.#sqlite.transaction(() => settleImport(room)) : unknownRoom();
  }

  async finishImport(joinEvent: JsonObject, servers?: ServerName[]) {
    const room = this.#imported;
    if (!room) return unknownRoom();
    const result = finishImport(room, joinEvent, servers);
    if (result.kind === 'denied') return result;
    this.#imported = undefined;
    this.#open(room).announceImport();
    return result;
  }

  async abortImport(): Promise<void> {
    if (!this.#imported) return;
    this.#imported = undefined;
    await this.ctx.storage.deleteAll();
  }

  async takePartialJoin(input: PartialJoin) {
    return this.#live?.takePartialJoin(input) ?? unknownRoom();
  }

  async append(input: AppendInput): Promise<AppendResult> {
    return this.#live?.appendAlone(input) ?? absent(input);
  }

  async appendOrDraft(input: AppendInput): Promise<AppendResult | UnsignedEvent> {
    return this.#live?.appendOrDraft(input) ?? absent(input);
  }

  async takeSigned(pdu: JsonObject, transaction?: TransactionKey) {
    return this.#live?.takeSigned(pdu, transaction) ?? unknownRoom();
  }

  async receive(input: ReceiveInput) {
    return this.#barred(input.origin) ?? this.#live?.receive(input) ?? unknownRoom();
  }

  async receiveOutliers(pdus: JsonObject[]) {
    return this.#live?.receiveOutliers(pdus) ?? unknownRoom();
  }

  async fillGap(position: number, input: ReceiveInput) {
    return this.#live?.fillGap(position, input) ?? unknownRoom();
  }

  async forget(userId: UserId) {
    return this.#read((room) => forgetRoom(room, userId));
  }

  async joinTerms(userId: UserId) {
    return this.#read((room) => joinTerms(room, userId));
  }

  async scheduleDelayed(input: DelayInput) {
    return this.#live ? this.#live.delayed.schedule(input, Date.now()) : notInRoom();
  }

  async manageDelayed(delayId: string, action: DelayAction) {
    return this.#live ? this.#live.delayed.manage(delayId, action, Date.now()) : unknownRoom();
  }

  async delayedEvents(userId: UserId) {
    return this.#live ? readDelayed(this.#live.room, userId) : [];
  }

  async purgeHistory(beforeMs: number, after = 0) {
    return this.#live ? this.#live.purgeHistory(beforeMs, after) : unknownRoom();
  }

  async purgeRoom(force: boolean) {
    const live = this.#live;
    if (!live) return unknownRoom();
    const refusal = await live.dissolve(force);
    if (refusal) return refusal;
    this.#live = undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return { kind: 'done' as const };
  }

  async setTyping(userId: UserId, timeoutMs: number | false, origin?: string) {
    return this.#barred(origin) ?? this.#live?.setTyping(userId, timeoutMs) ?? notInRoom();
  }

  async setReceipt(input: ReceiptInput, origin?: string) {
    return this.#barred(origin) ?? this.#live?.setReceipt(input) ?? notInRoom();
  }

  async readMessages(query: MessagesQuery) {
    return this.#read((room) => readMessages(room, query, Date.now()));
  }

  async readEvent(viewer: Viewer, eventId: EventId) {
    return this.#read((room) => readEvent(room, viewer, eventId, Date.now()));
  }

  async readContext(viewer: Viewer, eventId: EventId, limit: number, filter?: JsonObject) {
    return this.#read((room) => readContext(room, viewer, eventId, limit, filter, Date.now()));
  }

  async readByTime(userId: UserId, timeMs: number, dir: 'f' | 'b') {
    return this.#read((room) => readByTime(room, userId, timeMs, dir));
  }

  async readRelations(query: RelationsQuery) {
    return this.#read((room) => readRelations(room, query, Date.now()));
  }

  async readThreads(query: ThreadsQuery) {
    return this.#read((room) => readThreads(room, query, Date.now()));
  }

  async search(query: SearchQuery) {
    return this.#read((room) => searchRoom(room, query));
  }

  async readFound(query: SurroundingsQuery) {
    return this.#read((room) => readFound(room, query, Date.now()));
  }

  async readState(userId: UserId) {
    return this.#read((room) => readState(room, userId));
  }

  async readStateEvent(userId: UserId, type: string, stateKey: string) {
    return this.#read((room) => readStateEvent(room, userId, type, stateKey));
  }

  async readPdus(eventIds: EventId[]) {
    return this.#live ? readPdus(this.#live.room, eventIds) : [];
  }

  async readMembers(
    userId: UserId,
    options: { atPosition?: number; membership?: Membership; notMembership?: Membership },
  ) {
    return this.#read((room) => readMembers(room, userId, options));
  }

  async readPreview(userId?: UserId) {
    return this.#live ? readPreview(this.#live.room, userId) : unknownRoom();
  }

  async readSpace(userId: UserId, suggestedOnly: boolean) {
    return this.#live ? readSpace(this.#live.room, userId, suggestedOnly) : unknownRoom();
  }

  async readForInvite(userId: UserId) {
    return this.#read((room) => readForInvite(room, userId));
  }

  async readInviteOffer(userId: UserId, token: string) {
    return this.#live ? readInviteOffer(this.#live.room, userId, token) : unknownRoom();
  }

  async readForUpgrade(userId: UserId) {
    return this.#read((room) => readForUpgrade(room, userId));
  }

  async maySendState(userId: UserId, type: string): Promise<boolean> {
    return this.#live !== undefined && maySendState(this.#live.room, userId, type);
  }

  async localMembers(): Promise<UserId[]> {
    return this.#live ? syncingMembers(this.#live.room) : [];
  }

  async latestFor(server: string): Promise<LatestEvents> {
    return this.#live ? latestEvents(this.#live.room, server) : { position: 0, pdus: [] };
  }

  async facts() {
    return this.#live ? roomFacts(this.#live.room) : unknownRoom();
  }

  async forwardExtremities() {
    return this.#live ? forwardExtremities(this.#live.room) : unknownRoom();
  }

  async redactEventsOf(userId: UserId, reason: string | undefined, limit: number) {
    const live = this.#live;
    return live
      ? redactEventsOf(live.room, (input) => live.appendOrDraft(input), userId, reason, limit)
      : unknownRoom();
  }

  async mediaIn(before?: number) {
    return this.#live ? mediaIn(this.#live.room, before) : unknownRoom();
  }

  async snapshotFor(userId: UserId): Promise<RoomDelta | undefined> {
    return this.#live && userSnapshot(this.#live.room, userId);
  }

  async roomVersionId() {
    return this.#live?.room.version.id;
  }

  async serversInRoom() {
    return this.#live ? serversInRoom(this.#live.room) : [];
  }

  async joinedAmong(userIds: UserId[]) {
    const isJoined = (userId: UserId) => memberOf(this.#sqlite, userId)?.membership === 'join';
    return this.#live ? userIds.filter(isJoined) : [];
  }

  async extremities() {
    return this.#live ? readExtremities(this.#sqlite) : [];
  }

  async unknownOf(eventIds: EventId[]) {
    return this.#live ? unknownEvents(this.#sqlite, eventIds) : eventIds;
  }

  async unplacedOf(eventIds: EventId[]) {
    const room = this.#live?.room;
    return room ? eventIds.filter((eventId) => !isPlaced(room, eventId)) : eventIds;
  }

  async eventFor(server: string, eventId: EventId) {
    return this.#serve((room) => eventFor(room, server, eventId));
  }

  async stateIdsFor(server: string, eventId: EventId) {
    return this.#serve((room) => stateIdsFor(room, server, eventId));
  }

  async authChainFor(server: string, eventId: EventId) {
    return this.#serve((room) => authChainFor(room, server, eventId));
  }

  async stateEventsFor(server: string, eventIds: EventId[], at?: EventId) {
    return this.#serve((room) => stateEventsFor(room, server, eventIds, at));
  }

  async spaceFor(server: string, suggestedOnly: boolean) {
    return this.#serve((room) => spaceFor(room, server, suggestedOnly));
  }

  async backfillFor(server: string, query: BackfillQuery) {
    return this.#serve((room) => backfillFor(room, server, query));
  }

  async missingEventsFor(server: string, query: MissingEventsQuery) {
    return this.#serve((room) => missingEventsFor(room, server, query));
  }

  async eventAtTimeFor(server: string, timeMs: number, dir: 'f' | 'b') {
    return this.#serve((room) => eventAtTimeFor(room, server, timeMs, dir));
  }

  async gapAtTime(timeMs: number) {
    return this.#live && gapAtTime(this.#live.room, timeMs);
  }

  async placeInGap(gapPosition: number, pdu: JsonObject, stateBefore?: EventId[]) {
    return this.#live?.placeInGap(gapPosition, pdu, stateBefore) ?? unknownRoom();
  }

  async templateFor(input: TemplateInput) {
    return this.#serve((room) => templateFor(room, input));
  }

  async draftInvite(input: AppendInput) {
    return this.#live?.draftInvite(input) ?? unknownRoom();
  }

  async takeInvite(pdu: JsonObject) {
    return this.#live?.takeInvite(pdu) ?? unknownRoom();
  }

  async takeMembership(input: MembershipInput) {
    return this.#live?.takeMembership(input) ?? unknownRoom();
  }

  override async alarm(): Promise<void> {
    const live = this.#live;
    if (!live) return;
    await this.#dueWork.run(Date.now(), live.dueHandlers(), (name, error) =>
      log('error', 'room.due_work_failed', { roomId: live.room.roomId, name, error: errorText(error) }),
    );
  }

  #open(room: Room): LiveRoom {
    const keepAlive = (work: Promise<void>) => this.ctx.waitUntil(work);
    const { env } = this;
    const writeIndex = (facts: RoomFacts) => writeRoomIndex(openD1(env.DB, room.config.meter), facts);
    const askState: AskState = (server, eventId, take) =>
      askFullState({ env, server, roomId: room.roomId, version: room.version }, eventId, take);
    const askPolicy: AskPolicy = (draft) => signedByPolicyServer(env, draft);
    this.#live = new LiveRoom(
      room,
      makeStubs(env),
      this.#dueWork,
      keepAlive,
      writeIndex,
      askState,
      askPolicy,
    );
    return this.#live;
  }

  /** What a server says that the room's access control list bars. */
  #barred(origin: string | undefined): Denial | undefined {
    if (origin === undefined || !this.#live || !isBarred(this.#live.room, origin)) return undefined;
    return denial(forbidden('Server is banned from room'));
  }

  #serve<Answer>(answer: (room: Room) => Answer): Answer | Denial {
    return this.#live ? answer(this.#live.room) : unknownRoom();
  }

  /** Of a room that does not exist nobody is a member. */
  #read<Result>(read: (room: Room) => Result | Denial): Result | Denial {
    return this.#live ? read(this.#live.room) : notInRoom();
  }
}

function notInRoom(): Denial {
  return denial(forbidden('You are not in this room'));
}

function absent({ type }: AppendInput): Denial {
  return type === 'm.room.member' ? unknownRoom() : notInRoom();
}

function unknownRoom(): Denial {
  return denial(notFound('Unknown room'));
}
