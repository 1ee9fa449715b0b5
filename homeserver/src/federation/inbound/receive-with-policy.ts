import type { Denial } from '../../../../matrix/errors.ts';
import type { EventId, RoomId, ServerName } from '../../../../matrix/identifiers.ts';
import { log } from '../../../../platform/log.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import type { UnsignedEvents } from '../../objects/room-policy-rpc.ts';
import type { ReceivedEvent } from '../../objects/room-rpc.ts';
import type { RoomVersion } from '../../protocol/room-versions.ts';
import type { FederationParts } from '../federation-parts.ts';
import { askPolicyServer } from '../outbound/ask-policy-server.ts';
import type { SoundEvent } from './sound-events.ts';

/** Of the six connections that a Worker may have waiting. */
const width = 4;

/**
 * Hands events of other servers to their room. If that has a policy server, it is asked for those that come without its
 * signature; those that it does not sign, or that it cannot be asked for, are soft-failed.
 * @returns one result for each event
 */
export async function receiveWithPolicy(
  { env, stubs }: FederationParts,
  origin: ServerName,
  roomId: RoomId,
  version: RoomVersion,
  events: readonly SoundEvent[],
  statesBefore: Record<EventId, EventId[]> = {},
): Promise<ReceivedEvent[] | UnsignedEvents | Denial> {
  const room = stubs.room(roomId);
  const pdus = events.map(({ pdu }) => ({ ...pdu }));
  const received = await room.receive({ origin, pdus, statesBefore });
  if (Array.isArray(received) || received.kind === 'denied') return received;
  const { signed, refused } = await askForAll(env, version, received, events);
  log('info', 'federation.policy_asked', { roomId, signed: signed.size, refused: refused.length });
  return room.receive({
    origin,
    pdus: events.map(({ eventId, pdu }) => ({ ...(signed.get(eventId) ?? pdu) })),
    statesBefore,
    refusedByPolicy: refused,
  });
}

async function askForAll(
  env: FederationParts['env'],
  version: RoomVersion,
  { eventIds, policyServer }: UnsignedEvents,
  events: readonly SoundEvent[],
): Promise<{ signed: Map<EventId, SoundEvent['pdu']>; refused: EventId[] }> {
  const signed = new Map<EventId, SoundEvent['pdu']>();
  const refused: EventId[] = [];
  /** Else a hundred events would each wait for it. */
  let isAway = false;
  const unsigned = events.filter(({ eventId }) => eventIds.includes(eventId));
  await mapConcurrently(unsigned, width, async ({ eventId, pdu }) => {
    const answer = isAway ? undefined : await askPolicyServer(env, policyServer, version, pdu);
    if (answer && 'pdu' in answer) {
      signed.set(eventId, answer.pdu);
      return;
    }
    if (answer && answer.status >= 500) isAway = true;
    refused.push(eventId);
  });
  return { signed, refused };
}
