import { eventIdOf } from '../../../../homeserver/src/protocol/event-hash.ts';
import type { Pdu } from '../../../../homeserver/src/protocol/pdu.ts';
import type { EventId } from '../../../../matrix/identifiers.ts';
import type { JsonObject, JsonValue } from '../../../../matrix/json.ts';
import type { Answer, Received } from '../../../harness/federation/federation-server.ts';
import type { FederatedRoom, RoomEvent } from './federated-room.ts';
import type { Edu, TestServer } from './test-server.ts';

interface Question {
  server: TestServer;
  /** Of the path, decoded. */
  args: string[];
  query: URLSearchParams;
  body: JsonObject;
}

const notFound: Answer = { status: 404, json: { errcode: 'M_NOT_FOUND', error: 'Not found' } };

function inRoom({ server, args }: Question, answer: (room: FederatedRoom) => Answer): Answer {
  const room = server.rooms.get(args[0] ?? '');
  return room ? answer(room) : notFound;
}

const pdusOf = (events: readonly RoomEvent[]): Pdu[] => events.map(({ pdu }) => pdu);
const idsOf = (events: readonly RoomEvent[]): EventId[] => events.map(({ eventId }) => eventId);

function make(membership: string): (question: Question) => Answer {
  return (question) =>
    inRoom(question, (room) => ({
      json: { room_version: room.version.id, event: room.template(question.args[1] ?? '', membership) },
    }));
}

function sendJoin(question: Question): Answer {
  return inRoom(question, (room) => {
    const state = room.currentState();
    const join = room.adopt(question.body as Pdu);
    question.server.pdus.push(join.pdu);
    return {
      json: {
        origin: question.server.name,
        members_omitted: false,
        event: join.pdu,
        state: pdusOf(state),
        auth_chain: pdusOf(room.authChain([...state, join])),
        servers_in_room: [
          ...new Set(room.joinedUsers().map((userId) => userId.slice(userId.indexOf(':') + 1))),
        ],
      },
    };
  });
}

function sendMembership(answer: (room: FederatedRoom) => JsonObject): (question: Question) => Answer {
  return (question) =>
    inRoom(question, (room) => {
      room.adopt(question.body as Pdu);
      question.server.pdus.push(question.body as Pdu);
      return { json: answer(room) };
    });
}

function invite({ server, body }: Question): Answer {
  const event = server.countersign(body.event as Pdu, String(body.room_version));
  server.invitations.push({ event, state: (body.invite_room_state ?? []) as JsonObject[] });
  return { json: { event } };
}

function send({ server, body }: Question): Answer {
  const pdus = body.pdus as Pdu[];
  server.edus.push(...((body.edus ?? []) as Edu[]));
  const results: JsonObject = {};
  for (const pdu of pdus) {
    server.pdus.push(pdu);
    const room = server.rooms.get(pdu.room_id ?? '');
    if (!room) continue;
    const eventId = eventIdOf(pdu, room.version);
    if (!room.events.has(eventId)) room.adopt(pdu);
    results[eventId] = {};
  }
  return { json: { pdus: results } };
}

function event({ server, args: [eventId = ''] }: Question): Answer {
  for (const room of server.rooms.values()) {
    const found = room.events.get(eventId as EventId);
    if (found) return { json: transaction(server, [found.pdu]) };
  }
  return notFound;
}

function transaction(server: TestServer, pdus: Pdu[]): JsonObject {
  return { origin: server.name, origin_server_ts: Date.now(), pdus };
}

function stateAt(question: Question, answer: (state: RoomEvent[], chain: RoomEvent[]) => JsonValue): Answer {
  return inRoom(question, (room) => {
    const state = room.stateBefore(question.query.get('event_id') ?? '');
    return { json: answer(state, room.authChain(state)) };
  });
}

function missing(question: Question): Answer {
  const {
    latest_events: latest,
    earliest_events: earliest,
    limit,
  } = question.body as {
    latest_events: string[];
    earliest_events: string[];
    limit?: number;
  };
  return inRoom(question, (room) => {
    const events = [...room.before(latest, new Set(earliest))].slice(0, limit ?? 10);
    return { json: { events: pdusOf(events).reverse() } };
  });
}

function backfill(question: Question): Answer {
  return inRoom(question, (room) => {
    const from = question.query.getAll('v');
    const own = from
      .map((eventId) => room.events.get(eventId as EventId))
      .filter((found) => found !== undefined);
    const events = [...own, ...room.before(from)].slice(0, Number(question.query.get('limit') ?? 100));
    return { json: transaction(question.server, pdusOf(events)) };
  });
}

function directory({ server, query }: Question): Answer {
  const roomId = server.aliases.get(query.get('room_alias') ?? '');
  return roomId === undefined ? notFound : { json: { room_id: roomId, servers: [server.name] } };
}

const userKeys: Answer = { json: { device_keys: {}, master_keys: {}, self_signing_keys: {} } };

/** By method and path behind `/_matrix/federation/`, `*` for a part of it. */
const routes: Record<string, (question: Question) => Answer> = {
  'GET v1/make_join/*/*': make('join'),
  'GET v1/make_leave/*/*': make('leave'),
  'GET v1/make_knock/*/*': make('knock'),
  'PUT v2/send_join/*/*': sendJoin,
  'PUT v2/send_leave/*/*': sendMembership(() => ({})),
  'PUT v1/send_knock/*/*': sendMembership((room) => ({
    knock_room_state: pdusOf(room.currentState().filter(({ pdu }) => pdu.type !== 'm.room.member')),
  })),
  'PUT v2/invite/*/*': invite,
  'PUT v1/send/*': send,
  'GET v1/event/*': event,
  'GET v1/event_auth/*/*': (question) =>
    inRoom(question, (room) => {
      const found = room.events.get((question.args[1] ?? '') as EventId);
      return found ? { json: { auth_chain: pdusOf(room.authChain([found])) } } : notFound;
    }),
  'GET v1/state/*': (question) =>
    stateAt(question, (state, chain) => ({ pdus: pdusOf(state), auth_chain: pdusOf(chain) })),
  'GET v1/state_ids/*': (question) =>
    stateAt(question, (state, chain) => ({ pdu_ids: idsOf(state), auth_chain_ids: idsOf(chain) })),
  'POST v1/get_missing_events/*': missing,
  'GET v1/backfill/*': backfill,
  'GET v1/query/directory': directory,
  'GET v1/query/profile': () => ({ json: {} }),
  'GET v1/user/devices/*': ({ args: [userId = ''] }) => ({
    json: { user_id: userId, stream_id: 1, devices: [] },
  }),
  'POST v1/user/keys/query': () => userKeys,
  'POST v1/user/keys/claim': () => ({ json: { one_time_keys: {} } }),
  'GET v1/version': () => ({ json: { server: { name: 'Test', version: '1' } } }),
};

/** What a server answers that behaves. Undefined where it knows no such path. */
export function answerTo(server: TestServer, { method, path, body }: Received): Answer | undefined {
  const url = new URL(path, 'https://test');
  const parts = url.pathname.replace('/_matrix/federation/', '').split('/').map(decodeURIComponent);
  for (const [route, answer] of Object.entries(routes)) {
    const [routeMethod, pattern = ''] = route.split(' ');
    const expected = pattern.split('/');
    const fits =
      expected.length === parts.length &&
      expected.every((part, index) => part === '*' || part === parts[index]);
    if (method !== routeMethod || !fits) continue;
    const args = parts.filter((_, index) => expected[index] === '*');
    return answer({ server, args, query: url.searchParams, body });
  }
  return undefined;
}
