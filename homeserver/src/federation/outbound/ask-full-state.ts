import type { EventId } from '../../../../matrix/identifiers.ts';
import { isJsonObject } from '../../../../matrix/json.ts';
import { parseStrictJson } from '../../../../matrix/strict-json.ts';
import { JsonStreamError, jsonParts } from '../../../../platform/json-stream.ts';
import type { Pdu } from '../../protocol/pdu.ts';
import type { Asking } from '../ask-server.ts';
import { requestStream } from '../federation-client.ts';
import type { SentPdu } from '../inbound/receive-transaction.ts';
import { soundEvents } from '../inbound/sound-events.ts';

const timeoutMs = 5 * 60_000;
const maxBytes = 1024 * 1024 * 1024;
/** Events that are checked at once. */
const portion = 200;
/** An event has 64 KiB. */
const maxPartLength = 256 * 1024;

/**
 * Server-server API, `GET /state/{roomId}`: the state before an event, taken apart while it arrives, so that it is never
 * held as a whole.
 * @param take is given the events whose format and signatures are right
 * @returns whether the answer was whole
 */
export async function askFullState(
  asking: Asking,
  eventId: EventId,
  take: (events: { state: Pdu[]; authChain: Pdu[] }) => void,
): Promise<boolean> {
  const { env, server, roomId, version } = asking;
  const answer = await requestStream(env, server, {
    method: 'GET',
    path: `/_matrix/federation/v1/state/${encodeURIComponent(roomId)}`,
    query: { event_id: eventId },
    timeoutMs,
    maxBytes,
  });
  if (answer.kind === 'failed') return false;
  if (answer.status !== 200) {
    await answer.body.cancel().catch(() => {});
    return false;
  }
  let waiting: { event: SentPdu; isState: boolean }[] = [];
  const flush = async () => {
    const some = waiting;
    waiting = [];
    const states = new Set(some.filter(({ isState }) => isState).map(({ event }) => event));
    const events = some.map(({ event }) => event);
    const { sound } = await soundEvents(env, version, roomId, events);
    take({
      state: sound.filter(({ sent }) => states.has(sent)).map(({ pdu }) => pdu),
      authChain: sound.filter(({ sent }) => !states.has(sent)).map(({ pdu }) => pdu),
    });
  };
  try {
    for await (const { key, index, text } of jsonParts(answer.body, maxPartLength)) {
      if (index === undefined || (key !== 'pdus' && key !== 'auth_chain')) continue;
      const parsed = parseStrictJson(text);
      if (!parsed || !isJsonObject(parsed.value)) continue;
      const event = { value: parsed.value, problems: parsed.problems };
      waiting.push({ event, isState: key === 'pdus' });
      if (waiting.length === portion) await flush();
    }
    await flush();
    return true;
  } catch (error) {
    if (error instanceof JsonStreamError) return false;
    throw error;
  }
}
