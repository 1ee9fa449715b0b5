import type { EventId, RoomId, ServerName } from '../../../../matrix/identifiers.ts';
import { log } from '../../../../platform/log.ts';
import type { ReceivedEvent } from '../../objects/room-rpc.ts';
import { type RoomVersion, roomVersion } from '../../protocol/room-versions.ts';
import type { FederationParts } from '../federation-parts.ts';
import { FetchMissing } from './fetch-missing.ts';
import { receiveRetractions } from './receive-retraction.ts';
import type { SentPdu } from './receive-transaction.ts';
import { receiveWithPolicy } from './receive-with-policy.ts';
import { type SoundEvent, soundEvents } from './sound-events.ts';

/** `{}`: taken, or of no use to be sent again. */
export type PduResult = { error?: string };

/** Events of one room that another server has sent. Those before them are fetched from it. */
export async function receiveRoomEvents(
  parts: FederationParts,
  origin: ServerName,
  roomId: RoomId,
  sent: readonly SentPdu[],
): Promise<[EventId, PduResult][]> {
  const room = parts.stubs.room(roomId);
  const version = roomVersion((await room.roomVersionId()) ?? '');
  if (!version) {
    const taken = await receiveRetractions(parts, origin, roomId, sent);
    return taken.map((eventId): [EventId, PduResult] => [eventId, {}]);
  }
  const { sound, refused } = await soundEvents(parts.env, version, roomId, sent);
  const results: [EventId, PduResult][] = [...refused].map(([eventId, error]) => [eventId, { error }]);
  if (sound.length === 0) return results;
  const received = await receiveWithPolicy(parts, origin, roomId, version, sound);
  if (!Array.isArray(received)) {
    return [
      ...results,
      ...sound.map(({ eventId }): [EventId, PduResult] => [
        eventId,
        { error: 'errcode' in received ? received.error : 'the policy of the room has just changed' },
      ]),
    ];
  }
  const lacking = new Map<EventId, ReceivedEvent>();
  for (const result of received) if (result.kind === 'missing') lacking.set(result.eventId, result);
  const missing = sound.filter(({ eventId }) => lacking.has(eventId));
  const later = await fetchFor(parts, origin, roomId, version, missing, lacking);
  for (const [index, { eventId }] of sound.entries()) {
    results.push([eventId, resultOf(later.get(eventId) ?? received[index])]);
  }
  return results;
}

async function fetchFor(
  parts: FederationParts,
  origin: ServerName,
  roomId: RoomId,
  version: RoomVersion,
  events: readonly SoundEvent[],
  lacking: ReadonlyMap<EventId, ReceivedEvent>,
): Promise<ReadonlyMap<EventId, ReceivedEvent>> {
  if (events.length === 0) return new Map();
  const results = await new FetchMissing(parts, origin, roomId, version).complete(events, lacking);
  log('debug', 'federation.missing_fetched', {
    roomId,
    origin,
    asked: events.length,
    left: [...results.values()].filter(({ kind }) => kind === 'missing').length,
  });
  return results;
}

function resultOf(received: ReceivedEvent | undefined): PduResult {
  switch (received?.kind) {
    case 'accepted':
    case 'known':
    // It is kept, and what builds on it is judged by it; to send it again is of no use.
    case 'softFailed':
    case 'rejected':
      return {};
    case 'missing':
      return { error: 'events before it could not be had' };
    case 'malformed':
      return { error: received.reason };
    default:
      return { error: 'not taken in' };
  }
}
