import { serverNameOf } from '../../../../matrix/identifiers.ts';
import type { Pdu } from '../pdu.ts';
import { namedLevel, userPower } from '../power-levels.ts';
import { redactionTarget } from '../redaction.ts';
import type { RoomVersion } from '../room-versions.ts';
import { type AuthState, allowed, denied, type Verdict } from './verdict.ts';

/** Rule 11 of room versions 1 and 2, where event ids name the server that made them. */
export function authorizeRedaction(event: Pdu, state: AuthState, version: RoomVersion): Verdict {
  if (userPower(event.sender, state, version) >= namedLevel('redact', state, version)) return allowed;
  const domain = domainOf(event.event_id);
  return domain !== undefined && domain === domainOf(redactionTarget(event, version))
    ? allowed
    : denied('v1:11.3', 'the sender may not redact the event');
}

/**
 * Room version 3 and later, "Handling redactions": a redaction is an event like others, and this decides
 * whether it has an effect.
 * @param target the event to be redacted
 */
export function mayRedact(
  redaction: Pick<Pdu, 'sender'>,
  target: Pick<Pdu, 'sender'>,
  state: AuthState,
  version: RoomVersion,
): boolean {
  return (
    // Earlier versions have decided it before the event was accepted.
    version.authorizesRedactions ||
    serverNameOf(redaction.sender) === serverNameOf(target.sender) ||
    userPower(redaction.sender, state, version) >= namedLevel('redact', state, version)
  );
}

function domainOf(eventId: string | undefined): string | undefined {
  return eventId?.includes(':') ? eventId.slice(eventId.indexOf(':') + 1) : undefined;
}
