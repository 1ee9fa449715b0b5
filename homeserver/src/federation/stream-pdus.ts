import { Buffer } from 'node:buffer';
import type { EventId } from '../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { errorText, log } from '../../../platform/log.ts';
import type { RoomRpc } from '../objects/room-rpc.ts';

/** Events fetched from the room at once. */
const portion = 250;

/**
 * An answer with long lists of state events, which are never held together: of a large room they would not fit.
 * @param members other members of the answer
 * @param lists ids of the events of each list; what was purged meanwhile is left out
 * @param at the event that was asked about: who has left may ask about those from when it was there
 * @param around JSON before and behind the answer, which is part of another then
 */
export function streamPdus(
  room: RoomRpc,
  server: string,
  members: JsonObject,
  lists: Record<string, readonly EventId[]>,
  around: readonly [string, string] = ['', ''],
  at?: EventId,
): Response {
  const chunks = answerText(room, server, members, lists, around, at);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      } catch (error) {
        // An exception would close the connections of others, too. What is no JSON as far as it came, nobody believes.
        log('warn', 'federation.answer_cut_off', { server, error: errorText(error) });
        controller.close();
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
}

async function* answerText(
  room: RoomRpc,
  server: string,
  members: JsonObject,
  lists: Record<string, readonly EventId[]>,
  [opening, closing]: readonly [string, string],
  at: EventId | undefined,
): AsyncGenerator<string, undefined> {
  const open = `${opening}{`;
  let before = open;
  for (const [name, value] of Object.entries(members)) {
    yield `${before}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    before = ',';
  }
  for (const [name, eventIds] of Object.entries(lists)) {
    yield `${before}${JSON.stringify(name)}:[`;
    let comma = '';
    for (let start = 0; start < eventIds.length; start += portion) {
      const answer = await room.stateEventsFor(server, eventIds.slice(start, start + portion), at);
      if (answer.kind === 'denied') throw new Error(answer.error);
      if (answer.pdus.length === 0) continue;
      yield comma + answer.pdus.map((pdu) => JSON.stringify(pdu)).join(',');
      comma = ',';
    }
    yield ']';
    before = ',';
  }
  yield `${before === open ? open : ''}}${closing}`;
  return undefined;
}
