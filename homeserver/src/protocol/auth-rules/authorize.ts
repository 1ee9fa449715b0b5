import { serverNameOf, utf8Length } from '../../../../matrix/identifiers.ts';
import { limits } from '../../../../matrix/limits.ts';
import { roomIdOfCreate } from '../event-hash.ts';
import type { Pdu } from '../pdu.ts';
import { namedLevel, requiredPower, userPower } from '../power-levels.ts';
import type { RoomVersion } from '../room-versions.ts';
import { authorizeAliases } from './aliases.ts';
import { authorizeCreate } from './create.ts';
import { authorizeMember } from './member.ts';
import { membershipOf } from './membership.ts';
import { authorizePowerLevels } from './power-levels.ts';
import { authorizeRedaction } from './redaction.ts';
import { type AuthState, allowed, denied, type Verdict } from './verdict.ts';

export type { AuthState, Verdict } from './verdict.ts';

/**
 * The authorization rules, numbered as in room version 12:
 * https://spec.matrix.org/v1.16/rooms/v12/#authorisation-rules
 *
 * Two rules need more than the state: rule 3 is `checkAuthEvents`, for events that name their auth events
 * themselves; rule 5.2.1 is part of the signature check (`requiredSigners`).
 */
export function authorize(event: Pdu, state: AuthState, version: RoomVersion): Verdict {
  if (isTooLong(event.type) || isTooLong(event.state_key)) return denied('size', 'too long an identifier');

  // Rule 1.
  if (event.type === 'm.room.create') return authorizeCreate(event, version);

  // Rule 2; before version 12 it is rule 3.4 that wants the create event.
  const create = state.get('m.room.create', '');
  if (!create) return denied('2', 'the room has no create event');
  if (event.room_id !== roomIdOfCreate(create, version)) return denied('2', 'not an event of this room');

  // Rule 4.
  if (create.content['m.federate'] === false && serverNameOf(event.sender) !== serverNameOf(create.sender)) {
    return denied('4', 'the room does not federate');
  }

  if (version.authorizesAliases && event.type === 'm.room.aliases') return authorizeAliases(event);

  // Rule 5.
  if (event.type === 'm.room.member') return authorizeMember(event, create, state, version);

  if (membershipOf(event.sender, state) !== 'join') return denied('6', 'the sender is not in the room');

  const senderPower = userPower(event.sender, state, version);

  // Rule 7.
  if (event.type === 'm.room.third_party_invite') {
    return senderPower >= namedLevel('invite', state, version)
      ? allowed
      : denied('7.1', 'the sender may not invite');
  }

  const isState = event.state_key !== undefined;
  if (requiredPower(event.type, isState, state, version) > senderPower) {
    return denied('8', `the sender may not send ${event.type}`);
  }
  if (event.state_key?.startsWith('@') && event.state_key !== event.sender) {
    return denied('9', 'the state key is another user');
  }

  // Rule 10.
  if (event.type === 'm.room.power_levels') return authorizePowerLevels(event, state, version);

  if (version.authorizesRedactions && event.type === 'm.room.redaction') {
    return authorizeRedaction(event, state, version);
  }
  return allowed;
}

/** Client-server API, "Size limits". Where this does not make it no event at all, it is one that is rejected. */
function isTooLong(identifier: string | undefined): boolean {
  const { maxIdentifierBytes } = limits;
  // A code unit has at most three bytes.
  return (
    identifier !== undefined &&
    identifier.length * 3 > maxIdentifierBytes &&
    utf8Length(identifier) > maxIdentifierBytes
  );
}
