import { type Denial, denial, forbidden, tooLarge } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import { sizeProblem } from '../../../protocol/pdu-format.ts';
import { strippedStateEvents } from '../../../protocol/stripped-state.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import type { AppendInput } from '../../room-rpc.ts';
import type { DraftedInvite } from '../../room-serving-rpc.ts';
import { authorizationRefusal, draftEvent, inputRefusal, membershipRefusal } from '../graph/append-event.ts';
import type { Room } from '../room.ts';

/** An invitation as it would be appended now, for the invitee's server to sign. Nothing is stored. */
export function draftInvite(room: Room, input: AppendInput, nowMs: number): DraftedInvite | Denial {
  const malformed = inputRefusal(input) ?? membershipRefusal(room, input);
  if (malformed) return malformed;
  const { pdu, eventId } = draftEvent(room, input, nowMs);
  const oversize = sizeProblem(pdu, room.version);
  if (oversize) return denial(tooLarge(oversize));
  const refusal = authorizationRefusal(room, pdu);
  if (refusal) return refusal;
  if (input.stateKey === undefined) return denial(forbidden('Nobody is invited'));
  const state = {
    get: (type: string, stateKey: string) => stateEvent(room.sqlite, type, stateKey)?.pdu,
  };
  return {
    kind: 'drafted',
    pdu: { ...pdu },
    eventId,
    roomVersion: room.version.id,
    strippedState: strippedStateEvents(state, [input.sender as UserId]).map((event) => ({ ...event })),
  };
}
