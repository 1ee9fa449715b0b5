import type { EventId } from '../../../../matrix/identifiers.ts';
import { mapConcurrently } from '../../../../platform/map-concurrently.ts';
import { type Asking, askEvent, askState, askStateIds } from '../ask-server.ts';
import type { FederationParts } from '../federation-parts.ts';
import type { SentPdu } from './receive-transaction.ts';
import { soundEvents } from './sound-events.ts';

/** More than so many are had cheaper with the whole state. */
const maxSingly = 100;
/** A Worker has six connections that wait for headers. */
const width = 5;
const portion = 500;

/**
 * Makes the room know the state before an event, as another server tells it. What of it is not sound is left out: so do
 * all others. What did not come is not: with half a state the room would go another way than theirs.
 * @returns the ids of that state, or nothing if it could not be had
 */
export async function bringState(
  parts: FederationParts,
  asking: Asking,
  eventId: EventId,
): Promise<EventId[] | undefined> {
  const room = parts.stubs.room(asking.roomId);
  const ids = await askStateIds(asking, eventId);
  if (!ids) return undefined;
  const unknown = await room.unknownOf([...new Set([...ids.authChain, ...ids.state])]);
  const found: SentPdu[] =
    unknown.length > maxSingly
      ? await askState(asking, eventId)
      : (await mapConcurrently(unknown, width, (id) => askEvent(asking, id))).flat();
  const { sound, refused } = await soundEvents(parts.env, asking.version, asking.roomId, found);
  for (let start = 0; start < sound.length; start += portion) {
    await room.receiveOutliers(sound.slice(start, start + portion).map(({ pdu }) => ({ ...pdu })));
  }
  const came = new Set([...sound.map(({ eventId }) => eventId), ...refused.keys()]);
  const lacking = new Set(await room.unknownOf(ids.state));
  if ([...lacking].some((id) => !came.has(id))) return undefined;
  return ids.state.filter((id) => !lacking.has(id));
}
