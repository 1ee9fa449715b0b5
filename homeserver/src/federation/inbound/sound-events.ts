import type { EventId, RoomId } from '../../../../matrix/identifiers.ts';
import type { Env } from '../../env.ts';
import { eventIdOf } from '../../protocol/event-hash.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import { parsePdu, textProblem } from '../../protocol/pdu-format.ts';
import type { RoomVersion } from '../../protocol/room-versions.ts';
import { checkEventSignatures } from '../check-event-signatures.ts';
import type { SentPdu } from './receive-transaction.ts';

/** An event whose format and signatures are right; what it says was not judged. */
export interface SoundEvent {
  eventId: EventId;
  pdu: Pdu;
  /** As it came. */
  sent: SentPdu;
}

export interface Sifted {
  sound: SoundEvent[];
  /** Why others were left out, by id as far as they have one. */
  refused: Map<EventId, string>;
}

/**
 * Server-server API, "Checks performed on receipt of a PDU", steps 1 and 2, for events of one room from wherever they
 * came. @param roomId events of other rooms are left out
 */
export async function soundEvents(
  env: Env,
  version: RoomVersion,
  roomId: RoomId,
  sent: readonly SentPdu[],
): Promise<Sifted> {
  const refused = new Map<EventId, string>();
  const formed: SoundEvent[] = [];
  for (const one of sent) {
    const { value, problems } = one;
    const parsed = parsePdu(value, version);
    const problem =
      parsed.kind === 'malformed'
        ? parsed.reason
        : (textProblem(problems, version) ??
          (isOfRoom(parsed.pdu, version, roomId) ? undefined : 'of another room'));
    const eventId = idOf(value as unknown as Pdu, version);
    if (problem !== undefined || parsed.kind === 'malformed' || !eventId) {
      if (eventId) refused.set(eventId, problem ?? 'malformed');
      continue;
    }
    formed.push({ eventId, pdu: parsed.pdu, sent: one });
  }
  const verdicts = await checkEventSignatures(
    env,
    version,
    formed.map(({ pdu }) => pdu),
  );
  const sound = formed.filter(({ eventId }, index) => {
    const verdict = verdicts[index];
    if (verdict !== 'valid') {
      refused.set(
        eventId,
        verdict === 'unknownKey' ? 'the signing key is not known' : 'the signature is not valid',
      );
    }
    return verdict === 'valid';
  });
  return { sound, refused };
}

/** The create event of newer versions is the room, and does not name it. */
function isOfRoom(pdu: Pdu, version: RoomVersion, roomId: RoomId): boolean {
  if (version.roomIds === 'createHash' && pdu.type === 'm.room.create') return true;
  return pdu.room_id === roomId;
}

function idOf(pdu: Pdu, version: RoomVersion): EventId | undefined {
  try {
    return eventIdOf(pdu, version);
  } catch {
    // Not even canonical JSON: nobody can name it.
    return undefined;
  }
}
