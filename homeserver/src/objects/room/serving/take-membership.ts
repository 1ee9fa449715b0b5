import { badJson, type Denial, denial, forbidden, notFound } from '../../../../../matrix/errors.ts';
import { type EventId, serverNameOf, type UserId } from '../../../../../matrix/identifiers.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { signPdu } from '../../../protocol/signatures.ts';
import { strippedStateEvents } from '../../../protocol/stripped-state.ts';
import { authChainIds } from '../../../storage/room/auth-chain.ts';
import { eventById, idsAt } from '../../../storage/room/events.ts';
import { hasLocalMember, memberOf } from '../../../storage/room/members.ts';
import { hasState, stateEvent } from '../../../storage/room/state.ts';
import type { ReceivedEvent } from '../../room-rpc.ts';
import type { MembershipInput, TakenMembership, TemplateNeeds } from '../../room-serving-rpc.ts';
import { roomSummary } from '../delivery/room-summary.ts';
import { fullState, type StateEntry } from '../graph/full-state.ts';
import { pointBefore } from '../graph/state-point.ts';
import { type IncomingEvent, readIncoming } from '../incoming/incoming-event.ts';
import { joinTerms } from '../reading/preview.ts';
import type { Room } from '../room.ts';
import { isBarred, notFullyJoined, serversInRoom } from './server-access.ts';

/** Takes in an event that follows on the room as it is, and passes it on. */
export type TakeIn = (event: IncomingEvent) => ReceivedEvent;

/** Server-server API, `PUT /send_join`, `/send_leave`, `/send_knock`. Refused, it leaves nothing behind. */
export function takeMembership(
  room: Room,
  input: MembershipInput,
  takeIn: TakeIn,
): TakenMembership | TemplateNeeds | Denial {
  if (isBarred(room, input.server)) return denial(forbidden('Server is banned from room'));
  if (!hasLocalMember(room.sqlite)) return denial(notFound('This server is not in the room'));
  if (room.isPartial && input.membership !== 'leave') return denial(notFullyJoined());
  const incoming = readIncoming(room, input.pdu);
  if (incoming.kind === 'malformed') return denial(badJson(incoming.reason));
  const mismatch = mismatchOf(incoming, input);
  if (mismatch) return denial(badJson(mismatch));
  const voucher = voucherOf(room, incoming.pdu);
  if (voucher?.needs && !input.meetsTerms) return voucher.needs;
  const pdu = voucher ? signed(room, incoming.pdu) : incoming.pdu;
  const result = takeIn({ ...incoming, pdu });
  if (result.kind !== 'accepted' && result.kind !== 'known') {
    return denial(forbidden('The event is not allowed by the room'));
  }
  return taken(room, incoming.eventId, input.omitMembers === true);
}

function mismatchOf({ pdu, eventId }: IncomingEvent, input: MembershipInput): string | undefined {
  if (eventId !== input.eventId) return 'The event has another id than the path';
  if (pdu.type !== 'm.room.member' || pdu.content.membership !== input.membership) {
    return `The event is no ${input.membership}`;
  }
  if (pdu.state_key !== pdu.sender) return 'The event is about somebody else';
  return serverNameOf(pdu.sender) === input.server ? undefined : 'The event is of a user of another server';
}

/** Whether the join is one that this server vouches for, and what it has to know for that. */
function voucherOf(room: Room, pdu: Pdu): { needs?: TemplateNeeds } | undefined {
  const via = pdu.content.join_authorised_via_users_server;
  if (pdu.content.membership !== 'join' || typeof via !== 'string') return undefined;
  if (serverNameOf(via as UserId) !== room.config.serverName) return undefined;
  const present = memberOf(room.sqlite, pdu.sender)?.membership;
  const terms = joinTerms(room, pdu.sender);
  if (present === 'join' || present === 'invite' || terms.kind !== 'terms') return {};
  const needs: TemplateNeeds = {
    kind: 'needs',
    allowedRooms: terms.allowedRooms,
    roomVersion: room.version.id,
  };
  return { needs };
}

function signed(room: Room, pdu: Pdu): Pdu {
  return signPdu(pdu, room.version, room.config.serverName, room.config.signingKey);
}

function taken(room: Room, eventId: EventId, omitMembers: boolean): TakenMembership | Denial {
  const event = eventById(room.sqlite, eventId);
  const before = event && pointBefore(event);
  if (!before) return denial(notFound('The state before this event is not known'));
  const all = [...fullState(room.sqlite, before).values()];
  const told = omitMembers ? withoutMembers(room, all, event.sender) : all;
  const state = idsAt(
    room.sqlite,
    told.map(({ position }) => position),
  );
  const own = {
    get: (type: string, stateKey: string) => stateEvent(room.sqlite, type, stateKey)?.pdu,
  };
  return {
    kind: 'taken',
    event: { ...event.pdu },
    eventId,
    state,
    membersOmitted: told.length < all.length,
    authChain: omitMembers ? authChainBeside(room, state, eventId) : [...authChainIds(room.sqlite, state)],
    serversInRoom: [room.config.serverName, ...serversInRoom(room)],
    strippedState: strippedStateEvents(own, [event.sender]).map((pdu) => ({ ...pdu })),
  };
}

/** `omit_members`: of the members are left who joins, and if the room has no name those by whom it is called. */
function withoutMembers(room: Room, state: readonly StateEntry[], joining: UserId): StateEntry[] {
  const isNamed = ['m.room.name', 'm.room.canonical_alias'].some((type) => hasState(room.sqlite, type, ''));
  const told = new Set<string>([joining, ...(isNamed ? [] : roomSummary(room, joining).heroes)]);
  return state.filter(({ type, stateKey }) => type !== 'm.room.member' || told.has(stateKey));
}

/** What the join and the state that is told rest on, as far as that is not in the state. */
function authChainBeside(room: Room, state: readonly EventId[], joinId: EventId): EventId[] {
  const told = new Set(state);
  return [...authChainIds(room.sqlite, [...state, joinId])].filter((eventId) => !told.has(eventId));
}
