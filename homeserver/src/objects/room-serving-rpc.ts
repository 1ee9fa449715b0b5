import type { Denial } from '../../../matrix/errors.ts';
import type { EventId, UserId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import type { PolicyServer } from '../protocol/policy-server.ts';
import type { AppendInput, AppendResult, EventAtTime, ReceivedEvent, SpaceView } from './room-rpc.ts';

/**
 * What `RoomObject` answers to other servers, which the caller has made sure of. Each answer is a denial if the room's
 * access control list, or the server's absence from the room, forbids it. Plain data only: this crosses RPC.
 */

export interface ServedPdus {
  kind: 'pdus';
  pdus: JsonObject[];
}

export interface EventIds {
  kind: 'ids';
  eventIds: EventId[];
}

export interface StateIds {
  kind: 'stateIds';
  state: EventId[];
  authChain: EventId[];
}

/** History before `from`, these included. */
export interface BackfillQuery {
  from: EventId[];
  limit: number;
}

/** Before the event at `position` these are missing. */
export interface TimelineGap {
  position: number;
  missing: EventId[];
}

/** What is between two places of the graph. */
export interface MissingEventsQuery {
  latest: EventId[];
  earliest: EventId[];
  limit: number;
  minDepth: number;
}

export type TemplateMembership = 'join' | 'leave' | 'knock';

export interface TemplateInput {
  server: string;
  /** Of that server. */
  userId: UserId;
  membership: TemplateMembership;
  /** Room versions that the server knows. */
  versions: readonly string[];
  /** The user is known to be in a room that this one, being restricted, asks for. */
  meetsTerms: boolean;
}

/** The signatures of the user's server were checked. */
export interface MembershipInput {
  server: string;
  /** As the path names it. */
  eventId: EventId;
  membership: TemplateMembership;
  pdu: JsonObject;
  meetsTerms: boolean;
  /** Of a join: the other server can do without the members at first. */
  omitMembers?: boolean;
}

/** A member event that the user's own server is to complete and sign. */
export interface MembershipTemplate {
  kind: 'template';
  roomVersion: string;
  event: JsonObject;
}

/** The restricted room's terms are not known to be met: members of one of these rooms may join. */
export interface TemplateNeeds {
  kind: 'needs';
  allowedRooms: string[];
  roomVersion: string;
}

/** The other server does not know the version of the room. */
export interface UnknownVersion {
  kind: 'incompatible';
  roomVersion: string;
}

/** An invitation that the invitee's server is to sign. */
export interface DraftedInvite {
  kind: 'drafted';
  pdu: JsonObject;
  eventId: EventId;
  roomVersion: string;
  /** Who has to sign it, too. */
  policyServer?: PolicyServer;
  /** Whole events. */
  strippedState: JsonObject[];
}

/** A member event of another server's user was taken in, and goes on to the rest of the room. */
export interface TakenMembership {
  kind: 'taken';
  /** With this server's signature where the room needs it. */
  event: JsonObject;
  eventId: EventId;
  /** Of the room before the event. */
  state: EventId[];
  /** That lacks members. */
  membersOmitted: boolean;
  authChain: EventId[];
  serversInRoom: string[];
  /** For who knocks. */
  strippedState: JsonObject[];
}

export interface RoomServingRpc {
  /** The room's version, or nothing if the room is not here. */
  roomVersionId(): Promise<string | undefined>;
  /** Other servers. */
  serversInRoom(): Promise<string[]>;
  /** Those of the users who are in the room. */
  joinedAmong(userIds: UserId[]): Promise<UserId[]>;
  /** The ends of the graph. */
  extremities(): Promise<EventId[]>;
  /** Those of the events that are not there. */
  unknownOf(eventIds: EventId[]): Promise<EventId[]>;
  /** Those that have no place in the graph: not there, or known from a state alone. */
  unplacedOf(eventIds: EventId[]): Promise<EventId[]>;

  eventFor(server: string, eventId: EventId): Promise<ServedPdus | Denial>;
  /** The state before an event. */
  stateIdsFor(server: string, eventId: EventId): Promise<StateIds | Denial>;
  authChainFor(server: string, eventId: EventId): Promise<EventIds | Denial>;
  /** State events, in any order; those that are not there are left out. */
  stateEventsFor(server: string, eventIds: EventId[], at?: EventId): Promise<ServedPdus | Denial>;
  /** What of it is only for servers in other rooms, `SpaceView.preview` says. */
  spaceFor(server: string, suggestedOnly: boolean): Promise<SpaceView | Denial>;
  backfillFor(server: string, query: BackfillQuery): Promise<ServedPdus | Denial>;
  missingEventsFor(server: string, query: MissingEventsQuery): Promise<ServedPdus | Denial>;
  /** The event closest to a time (epoch ms), of all that are here. */
  eventAtTimeFor(server: string, timeMs: number, dir: 'f' | 'b'): Promise<EventAtTime | Denial>;

  /** Where in the timeline something from that time may be missing. */
  gapAtTime(timeMs: number): Promise<TimelineGap | undefined>;
  /** Puts a single event into the middle of a gap. @param stateBefore ids, if its previous events are not here */
  placeInGap(gapPosition: number, pdu: JsonObject, stateBefore?: EventId[]): Promise<ReceivedEvent | Denial>;

  templateFor(input: TemplateInput): Promise<MembershipTemplate | TemplateNeeds | UnknownVersion | Denial>;
  takeMembership(input: MembershipInput): Promise<TakenMembership | TemplateNeeds | Denial>;

  /** For users of other servers. Refused as `append` would refuse it. */
  draftInvite(input: AppendInput): Promise<DraftedInvite | Denial>;
  /** The same when it comes back signed. */
  takeInvite(pdu: JsonObject): Promise<AppendResult>;
}
