import { type Denial, denial, forbidden, notFound, unableToGrantJoin } from '../../../../../matrix/errors.ts';
import type { JsonObject } from '../../../../../matrix/json.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { hasLocalMember } from '../../../storage/room/members.ts';
import type { AppendInput } from '../../room-rpc.ts';
import type {
  MembershipTemplate,
  TemplateInput,
  TemplateNeeds,
  UnknownVersion,
} from '../../room-serving-rpc.ts';
import { draftEvent } from '../graph/append-event.ts';
import { isAllowedByOwnState } from '../incoming/judge-event.ts';
import { joinTerms } from '../reading/preview.ts';
import type { Room } from '../room.ts';
import { isBarred, notFullyJoined } from './server-access.ts';

/** Server-server API, `GET /make_join`, `/make_leave`, `/make_knock`. Nothing is stored. */
export function templateFor(
  room: Room,
  input: TemplateInput,
): MembershipTemplate | TemplateNeeds | UnknownVersion | Denial {
  const roomVersion = room.version.id;
  if (isBarred(room, input.server)) return denial(forbidden('Server is banned from room'));
  if (!hasLocalMember(room.sqlite)) return denial(notFound('This server is not in the room'));
  if (room.isPartial && input.membership !== 'leave') return denial(notFullyJoined());
  if (input.membership !== 'leave' && !input.versions.includes(roomVersion)) {
    return { kind: 'incompatible', roomVersion };
  }
  const plain = draft(room, input, {});
  if (isAllowedByOwnState(room, plain)) return template(room, plain);
  const terms = input.membership === 'join' ? joinTerms(room, input.userId) : undefined;
  if (terms?.kind !== 'terms') return denial(forbidden(`You may not ${input.membership} this room`));
  if (!input.meetsTerms) return { kind: 'needs', allowedRooms: terms.allowedRooms, roomVersion };
  if (!terms.authorisedVia) return denial(unableToGrantJoin());
  const authorised = draft(room, input, { join_authorised_via_users_server: terms.authorisedVia });
  if (!isAllowedByOwnState(room, authorised)) return denial(forbidden('You may not join this room'));
  return template(room, authorised);
}

function draft(room: Room, { userId, membership }: TemplateInput, more: JsonObject): Pdu {
  const event: AppendInput = {
    sender: userId,
    type: 'm.room.member',
    stateKey: userId,
    content: { membership, ...more },
  };
  return draftEvent(room, event, Date.now()).pdu;
}

/** What its own server has to add is left out: nobody signs for the users of others. */
function template(room: Room, pdu: Pdu): MembershipTemplate {
  const { hashes: _hashes, signatures: _signatures, event_id: _eventId, ...event } = { ...pdu };
  return { kind: 'template', roomVersion: room.version.id, event };
}
