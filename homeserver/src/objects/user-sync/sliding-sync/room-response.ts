import type { StateEvent } from '../../../../../matrix/events.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import {
  parseRequiredState,
  type RequiredState,
  wantsAllMembers,
  wantsState,
} from '../../../protocol/sync/required-state.ts';
import { showEvent, type Viewer } from '../../../protocol/sync/shown-event.ts';
import type { RoomConfig, StatePair } from '../../../protocol/sync/sliding-request.ts';
import { formatRoomToken } from '../../../protocol/sync/sync-token.ts';
import { memberEvents, stateSince } from '../../../storage/user-sync/room-state.ts';
import type { RoomRow } from '../../../storage/user-sync/rooms.ts';
import { totalUnread } from '../notification-counts.ts';
import { readTimeline, type Timeline } from '../timeline.ts';
import type { UserContext } from '../user-context.ts';
import type { SentRoom } from './connections.ts';
import { isDirect, isInvite, nameOf, stripped } from './filters.ts';
import { readRequiredState, wantedOf } from './required-state.ts';

const memberType = 'm.room.member';
/** Members sent lazily that a connection remembers per room; a forgotten one is sent again. */
const maxRememberedMembers = 300;

export interface RoomQuestion {
  config: RoomConfig;
  /** Key that the connection gives to the config. */
  configKey: string;
  /** Stream position of the connection; 0 if it is new. */
  since: number;
  /** What the connection knows of the room; absent: nothing. */
  sent: SentRoom | undefined;
  /** The pairs that the room was last sent with, if they are still known. */
  sentPairs: StatePair[] | undefined;
}

export interface RoomAnswer {
  /** Absent: nothing to tell. */
  response: JsonObject | undefined;
  sent: SentRoom;
  /** The client knew nothing of the room, or nothing any more. */
  initial: boolean;
  /** Behind this stream position things were told. */
  told: number;
  timelineEventIds: string[];
  /** All members were asked for, and only the room has them. */
  incomplete: boolean;
}

/** One room of a sliding sync answer. */
export function answerRoom(
  user: UserContext,
  room: RoomRow,
  viewer: Viewer,
  question: RoomQuestion,
): RoomAnswer {
  const { sent, config } = question;
  const told = sent?.skippedAt ?? question.since;
  const joinedAnew = room.membership === 'join' && room.memberAt > told;
  const initial = sent === undefined || sent.left === true || joinedAnew;
  const next: SentRoom = {
    limit: config.timelineLimit,
    config: question.configKey,
    ...(!room.listed && { left: true }),
  };
  if (isInvite(room)) {
    const news = initial || room.memberAt > told || room.eventAt > told;
    const response = news ? invitation(user, room, initial) : undefined;
    return { response, sent: next, initial, told, timelineEventIds: [], incomplete: false };
  }
  const required = parseRequiredState(config.requiredState, user.userId);
  const timeline = readRoomTimeline(user, room, question, initial, told);
  const remembered = new Set(initial ? [] : sent?.members);
  const unchanged = initial || room.stateAt <= told;
  const changed = unchanged ? [] : stateSince(user.sqlite, room.roomId, told).map((row) => row.event);
  const current = initial ? readRequiredState(user, room.roomId, required) : [];
  const state = new Map<string, StateEvent>();
  const add = (event: StateEvent) => state.set(`${event.type}\n${event.state_key}`, event);
  for (const event of wantedOf([...current, ...changed], required)) add(event);
  for (const event of addedState(user, room, question, required, initial)) add(event);
  for (const event of ownDeparture(user, room, told)) add(event);
  if (required.lazyMembers) {
    for (const event of membersFor(user, room, required, timeline, changed, remembered)) {
      add(event);
      remembered.delete(event.state_key);
      remembered.add(event.state_key);
    }
  }
  if (remembered.size > 0) next.members = [...remembered].slice(-maxRememberedMembers);

  const response: JsonObject = {
    ...(initial && { initial: true }),
    ...(timeline.expanded && !initial && { unstable_expanded_timeline: true }),
    ...namingMembers(user, room, initial ? current : changed, initial, room.summaryAt > told),
    ...(state.size > 0 && {
      required_state: [...state.values()].map((event) => showEvent(event, viewer)) as never,
    }),
    ...timelineMembers(timeline, viewer, question, initial),
    ...countMembers(room, initial, told),
  };
  const empty = Object.keys(response).length === 0;
  return {
    response: empty ? undefined : { ...response, bump_stamp: room.bumpStamp, is_dm: isDirect(user, room) },
    sent: next,
    initial,
    told,
    timelineEventIds: timeline.rows.map((row) => row.eventId),
    incomplete: initial && wantsAllMembers(required) && room.membership === 'join',
  };
}

interface RoomTimeline extends Timeline {
  /** The limit was raised: the latest events come again. */
  expanded: boolean;
}

function readRoomTimeline(
  user: UserContext,
  room: RoomRow,
  { config, sent }: RoomQuestion,
  initial: boolean,
  told: number,
): RoomTimeline {
  const expanded = sent !== undefined && config.timelineLimit > sent.limit;
  const since = initial || expanded ? 0 : told;
  if (config.timelineLimit === 0 || (since > 0 && room.eventAt <= since)) {
    const limited = since === 0 || room.eventAt > since;
    return { rows: [], limited, startsBehind: room.roomPosition, expanded: false };
  }
  return { ...readTimeline(user, room, since, config.timelineLimit), expanded };
}

/** Without it clients take the user for joined, whatever state they asked for. */
function ownDeparture(user: UserContext, room: RoomRow, told: number): StateEvent[] {
  const left = room.membership === 'leave' || room.membership === 'ban';
  return left && room.memberAt > told ? memberEvents(user.sqlite, room.roomId, [user.userId]) : [];
}

/** State that the request has come to ask for since the room was last sent. */
function addedState(
  user: UserContext,
  room: RoomRow,
  { sent, sentPairs, configKey }: RoomQuestion,
  required: RequiredState,
  initial: boolean,
): StateEvent[] {
  if (initial || !sent || sent.config === configKey) return [];
  const before = sentPairs && parseRequiredState(sentPairs, user.userId);
  return wantedOf(readRequiredState(user, room.roomId, required), required).filter(
    (event) => !before || !wantsState(before, event.type, event.state_key),
  );
}

/**
 * `$LAZY`: senders and targets of the timeline, each once until changed. Every changed member comes too as
 * long as nothing was cut, since clients keep their list of recipients by it; if something was, they load
 * the members anew.
 */
function membersFor(
  user: UserContext,
  room: RoomRow,
  required: RequiredState,
  timeline: Timeline,
  changed: readonly StateEvent[],
  remembered: ReadonlySet<string>,
): StateEvent[] {
  const needed = new Set<string>();
  for (const { event } of timeline.rows) {
    needed.add(event.sender);
    if (event.type === memberType && event.state_key !== undefined) needed.add(event.state_key);
  }
  const members = changed.filter((event) => event.type === memberType);
  const told = members.filter(
    ({ state_key }) => !timeline.limited || needed.has(state_key) || remembered.has(state_key),
  );
  for (const event of told) needed.delete(event.state_key);
  // Those asked for by name, like oneself, come anyway.
  for (const userId of needed) if (wantsState(required, memberType, userId)) needed.delete(userId);
  for (const userId of remembered) needed.delete(userId);
  return [...told, ...memberEvents(user.sqlite, room.roomId, needed)];
}

function timelineMembers(
  timeline: RoomTimeline,
  viewer: Viewer,
  question: RoomQuestion,
  initial: boolean,
): JsonObject {
  if (timeline.rows.length === 0 && !initial && !timeline.limited) return {};
  const live = timeline.rows.filter((row) => row.position > question.since).length;
  return {
    timeline: timeline.rows.map((row) => showEvent(row.event, viewer, row)) as never,
    limited: timeline.limited,
    prev_batch: formatRoomToken(timeline.startsBehind),
    num_live: question.since === 0 ? 0 : live,
  };
}

/**
 * `name` is that of `m.room.name` only; without one, clients compute it from the heroes. `null` is what has been
 * removed.
 */
function namingMembers(
  user: UserContext,
  room: RoomRow,
  state: readonly StateEvent[],
  initial: boolean,
  membersChanged: boolean,
): JsonObject {
  const told = (type: string, member: string) => {
    const content = state.find((event) => event.type === type && event.state_key === '')?.content;
    const value = content?.[member];
    if (typeof value === 'string' && value !== '') return value;
    return content === undefined || initial ? undefined : null;
  };
  const name = told('m.room.name', 'name');
  const avatar = told('m.room.avatar', 'url');
  const named = initial || name !== undefined ? typeof name === 'string' : nameOf(user, room) !== undefined;
  return {
    ...(name !== undefined && { name }),
    ...(avatar !== undefined && { avatar }),
    ...(!named && (initial || membersChanged || name === null) && { heroes: heroesOf(user, room) }),
  };
}

function heroesOf(user: UserContext, room: RoomRow): JsonObject[] {
  const members = new Map(
    memberEvents(user.sqlite, room.roomId, room.heroes).map((event) => [event.state_key, event.content]),
  );
  return room.heroes.map((userId) => heroOf(userId, members.get(userId)));
}

function heroOf(userId: string, content: JsonObject | undefined): JsonObject {
  return {
    user_id: userId,
    ...(typeof content?.displayname === 'string' && { displayname: content.displayname }),
    ...(typeof content?.avatar_url === 'string' && { avatar_url: content.avatar_url }),
  };
}

function countMembers(room: RoomRow, initial: boolean, told: number): JsonObject {
  const { notifications, highlights } = totalUnread(room.unread);
  return {
    ...((initial || room.summaryAt > told) && {
      joined_count: room.joinedCount,
      invited_count: room.invitedCount,
    }),
    ...((initial || room.countsAt > told) && {
      notification_count: notifications,
      highlight_count: highlights,
    }),
  };
}

/** An invitation or a knock: nothing but the stripped state is known of the room. */
function invitation(user: UserContext, room: RoomRow, initial: boolean): JsonObject {
  const name = stripped(room, 'm.room.name', '')?.name;
  const avatar = stripped(room, 'm.room.avatar', '')?.url;
  return {
    ...(initial && { initial: true }),
    ...(typeof name === 'string' && name !== '' && { name }),
    ...(typeof avatar === 'string' && avatar !== '' && { avatar }),
    heroes: room.heroes.map((userId) => heroOf(userId, stripped(room, memberType, userId))),
    invite_state: (room.strippedState ?? []) as never,
    joined_count: room.joinedCount,
    invited_count: room.invitedCount,
    notification_count: 0,
    highlight_count: 0,
    bump_stamp: room.bumpStamp,
    is_dm: isDirect(user, room),
  };
}
