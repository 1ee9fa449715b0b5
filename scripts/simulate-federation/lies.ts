import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import type { Random } from '../../homeserver/src/protocol/testing/random.ts';
import type { JsonObject, JsonValue } from '../../matrix/json.ts';

/**
 * What an evil server answers instead: nothing, too little, what was not asked for, or what nobody should believe.
 * @param made events that it made itself; `known`: events of the room
 */
export async function lie(
  asked: Request,
  truth: Response,
  random: Random,
  made: readonly Pdu[],
  known: readonly { pdu: Pdu }[],
  aboutStates: boolean,
): Promise<Response> {
  const { pathname } = new URL(asked.url);
  if (random.chance(20)) return Response.json({ errcode: 'M_UNKNOWN', error: 'no' }, { status: 500 });
  if (random.chance(10)) return new Response('<html>', { status: 200 });
  const body = truth.status === 200 ? ((await truth.json()) as JsonObject) : {};
  const others = () => known.filter(() => random.chance(10)).map(({ pdu }) => ({ ...pdu }));
  const own = () => made.filter(() => random.chance(20)).map((pdu) => ({ ...pdu }));
  const some = (list: JsonValue | undefined) =>
    Array.isArray(list) ? list.filter(() => random.chance(70)) : [];
  const tampered = (list: JsonValue | undefined) =>
    some(list).map((pdu) => ({ ...(pdu as JsonObject), content: { membership: 'join', topic: 'tampered' } }));
  const events = (list: JsonValue | undefined): JsonValue =>
    random.pick([[], some(list), tampered(list), others(), own()]) as JsonValue;
  if (/\/get_missing_events\//.test(pathname)) return Response.json({ events: events(body.events) });
  if (/\/event_auth\//.test(pathname)) return Response.json({ auth_chain: events(body.auth_chain) });
  if (/\/(event|backfill)\//.test(pathname)) return Response.json({ ...body, pdus: events(body.pdus) });
  if (/\/state\//.test(pathname)) {
    return Response.json({ pdus: events(body.pdus), auth_chain: events(body.auth_chain) });
  }
  if (/\/state_ids\//.test(pathname) && aboutStates) {
    return Response.json({ pdu_ids: some(body.pdu_ids), auth_chain_ids: some(body.auth_chain_ids) });
  }
  return Response.json(body, { status: truth.status });
}
