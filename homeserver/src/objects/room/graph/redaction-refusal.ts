import { type Denial, denial, forbidden, notFound } from '../../../../../matrix/errors.ts';
import { serverNameOf } from '../../../../../matrix/identifiers.ts';
import type { Pdu } from '../../../protocol/pdu.ts';
import { namedLevel, type PowerState, userPower } from '../../../protocol/power-levels.ts';
import { redactionTarget } from '../../../protocol/redaction.ts';
import { eventById, type StoredEvent } from '../../../storage/room/events.ts';
import { hasOtherServers } from '../../../storage/room/joined-servers.ts';
import { stateEvent } from '../../../storage/room/state.ts';
import { isLocal } from '../delivery/followers.ts';
import type { Room } from '../room.ts';

/** Why a local user may not send this redaction; the authorization rules leave that to servers. */
export function redactionRefusal(room: Room, pdu: Pdu): Denial | undefined {
  if (pdu.type !== 'm.room.redaction') return undefined;
  const targetId = redactionTarget(pdu, room.version);
  const target = targetId === undefined ? undefined : eventById(room.sqlite, targetId);
  // One that has not come here yet is for the other servers to judge.
  if (!target && hasOtherServers(room.sqlite)) return undefined;
  if (!target) return denial(notFound('The event to redact is not in this room'));
  if (target.type === 'm.room.create') return denial(forbidden('The create event cannot be redacted'));
  return mayRedact(room, pdu, target, powerState(room))
    ? undefined
    : denial(forbidden('You may redact your own events only'));
}

/**
 * Whether a redaction takes effect: by the author, or by who has the power to redact. For the users of other
 * servers their server answers, so that there any of them may redact what another of the same server sent:
 * room version 3, "Handling redactions".
 */
export function mayRedact(
  room: Room,
  { sender }: Pick<Pdu, 'sender'>,
  target: Pick<StoredEvent, 'sender'>,
  state: PowerState,
): boolean {
  if (sender === target.sender) return true;
  if (!isLocal(room.config, sender) && serverNameOf(sender) === serverNameOf(target.sender)) return true;
  return userPower(sender, state, room.version) >= namedLevel('redact', state, room.version);
}

export function powerState(room: Room): PowerState {
  return { get: (type, stateKey) => stateEvent(room.sqlite, type, stateKey)?.pdu };
}
