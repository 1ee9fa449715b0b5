import type { StrippedStateEvent } from '../../../../../matrix/events.ts';
import { strip, strippedStateEvents } from '../../../protocol/stripped-state.ts';
import type { Member } from '../../../storage/room/members.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { Room } from '../room.ts';

/** What an invitee or knocker learns of the room, their own member event and its sender's included. */
export function strippedStateFor(room: Room, member: Member): StrippedStateEvent[] {
  const own = stateEvent(room.sqlite, 'm.room.member', member.userId);
  const state = {
    get: (type: string, stateKey: string) => stateEvent(room.sqlite, type, stateKey)?.pdu,
  };
  return strippedStateEvents(state, own ? [own.sender, member.userId] : [member.userId]).map(strip);
}
