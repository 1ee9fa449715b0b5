import type { EventId, RoomId, ServerName } from '../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../matrix/json.ts';
import type { JsonProblem } from '../../../matrix/strict-json.ts';
import type { Env } from '../env.ts';
import type { RoomVersion } from '../protocol/room-versions.ts';
import { type FederationCall, request } from './federation-client.ts';
import type { SentPdu } from './inbound/receive-transaction.ts';

/** Whom to ask about which room. */
export interface Asking {
  env: Env;
  server: ServerName;
  roomId: RoomId;
  version: RoomVersion;
}

const timeoutMs = 20_000;
/** Of an answer that is held as a whole. */
const maxBytes = 16 * 1024 * 1024;
const prefix = '/_matrix/federation/v1';

export interface BetweenQuery {
  latest: EventId[];
  earliest: EventId[];
  limit: number;
}

/**
 * `POST /get_missing_events/{roomId}`. Like all here: nothing if the server does not answer as it should.
 * @returns `undefined` if it says nothing at all of events where it should: it is asked no more then
 */
export async function askMissingEvents(asking: Asking, query: BetweenQuery): Promise<SentPdu[] | undefined> {
  const answer = await ask(asking, {
    method: 'POST',
    path: `${prefix}/get_missing_events/${encodeURIComponent(asking.roomId)}`,
    body: { latest_events: query.latest, earliest_events: query.earliest, limit: query.limit },
  });
  if (answer && !Array.isArray(answer.json.events)) return undefined;
  return pdusOf(answer, 'events').slice(0, query.limit);
}

/** `GET /event_auth/{roomId}/{eventId}`. */
export async function askAuthChain(asking: Asking, eventId: EventId): Promise<SentPdu[]> {
  const path = `${prefix}/event_auth/${encodeURIComponent(asking.roomId)}/${encodeURIComponent(eventId)}`;
  return pdusOf(await ask(asking, { method: 'GET', path }), 'auth_chain');
}

/** `GET /event/{eventId}`. */
export async function askEvent(asking: Asking, eventId: EventId): Promise<SentPdu[]> {
  const path = `${prefix}/event/${encodeURIComponent(eventId)}`;
  return pdusOf(await ask(asking, { method: 'GET', path }), 'pdus').slice(0, 1);
}

/** `GET /state_ids/{roomId}`: the state before an event. */
export async function askStateIds(
  asking: Asking,
  eventId: EventId,
): Promise<{ state: EventId[]; authChain: EventId[] } | undefined> {
  const path = `${prefix}/state_ids/${encodeURIComponent(asking.roomId)}`;
  const answer = await ask(asking, { method: 'GET', path, query: { event_id: eventId } });
  const state = idsOf(answer?.json.pdu_ids);
  const authChain = idsOf(answer?.json.auth_chain_ids);
  return state && authChain && { state, authChain };
}

/** `GET /state/{roomId}`: the same with the events, as far as they fit. */
export async function askState(asking: Asking, eventId: EventId): Promise<SentPdu[]> {
  const path = `${prefix}/state/${encodeURIComponent(asking.roomId)}`;
  const answer = await ask(asking, { method: 'GET', path, query: { event_id: eventId } });
  return [...pdusOf(answer, 'auth_chain'), ...pdusOf(answer, 'pdus')];
}

/** `GET /backfill/{roomId}`. */
export async function askBackfill(
  asking: Asking,
  from: readonly EventId[],
  limit: number,
): Promise<SentPdu[]> {
  const path = `${prefix}/backfill/${encodeURIComponent(asking.roomId)}`;
  const answer = await ask(asking, { method: 'GET', path, query: { v: from, limit } });
  return pdusOf(answer, 'pdus').slice(0, limit);
}

/** `GET /timestamp_to_event/{roomId}`. */
export async function askEventAtTime(
  asking: Asking,
  timeMs: number,
  dir: 'f' | 'b',
): Promise<{ eventId: EventId; originServerTs: number } | undefined> {
  const path = `${prefix}/timestamp_to_event/${encodeURIComponent(asking.roomId)}`;
  const answer = await ask(asking, { method: 'GET', path, query: { ts: timeMs, dir } });
  const { event_id: id, origin_server_ts: ts } = answer?.json ?? {};
  const [eventId] = idsOf([id ?? null]) ?? [];
  return eventId && typeof ts === 'number' ? { eventId, originServerTs: ts } : undefined;
}

interface Answer {
  json: JsonObject;
  problems: JsonProblem[];
}

async function ask(
  { env, server }: Asking,
  call: Omit<FederationCall, 'timeoutMs' | 'maxBytes'>,
): Promise<Answer | undefined> {
  const answer = await request(env, server, { ...call, timeoutMs, maxBytes });
  if (answer.kind === 'failed' || answer.status !== 200 || !isJsonObject(answer.json)) return undefined;
  return { json: answer.json, problems: answer.problems };
}

/** The events of a list in the answer; what is no object is none. */
function pdusOf(answer: Answer | undefined, list: string): SentPdu[] {
  const values = answer?.json[list];
  if (!answer || !Array.isArray(values)) return [];
  return values.flatMap((value, index) => {
    if (!isJsonObject(value)) return [];
    const problems = answer.problems.filter(({ path }) => path[0] === list && path[1] === index);
    return [{ value, problems }];
  });
}

function idsOf(value: JsonValue | undefined): EventId[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((id): id is EventId => typeof id === 'string' && id.startsWith('$'));
}
