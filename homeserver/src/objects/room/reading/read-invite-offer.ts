import { type Denial, denial, forbidden } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { memberOf } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { InviteOffer } from '../../room-rpc.ts';
import type { Room } from '../room.ts';

/** An invitation to an address that waits for its owner. @param userId who claims it */
export function readInviteOffer(room: Room, userId: UserId, token: string): InviteOffer | Denial {
  const event = stateEvent(room.sqlite, 'm.room.third_party_invite', token);
  // Emptied, it is withdrawn.
  if (!event || Object.keys(event.pdu.content).length === 0) {
    return denial(forbidden('The room has made no such offer'));
  }
  const { display_name: displayName } = event.pdu.content;
  return {
    kind: 'offer',
    sender: event.sender,
    displayName: typeof displayName === 'string' ? displayName : '',
    membership: memberOf(room.sqlite, userId)?.membership,
  };
}
