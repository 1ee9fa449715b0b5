import { ReadableStream } from 'node:stream/web';
import { ed25519PublicKey, encodeBase64 } from '../../homeserver/src/protocol/crypto.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import { signJson } from '../../homeserver/src/protocol/signatures.ts';
import type { JsonObject } from '../../matrix/json.ts';
import { localUser } from './import-room.ts';
import { type RemoteRoom, serverName, signingKey } from './remote-room.ts';

/** Events that are written to the answer at once. */
const portion = 200;

/**
 * The server of a room, as far as one needs it who joins: in place of the way to other servers.
 * @param omitsMembers it leaves them out of its answer, and tells them when it is asked for the state
 */
export function answeringServer(room: RemoteRoom, authChain: readonly Pdu[], omitsMembers = false) {
  const template = room.member(localUser).pdu;
  return async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/_matrix/key/v2/server') return Response.json(keys());
    if (pathname.includes('/make_join/')) {
      return Response.json({ room_version: room.version.id, event: template });
    }
    const state = [...room.state.values()].map(({ pdu }) => pdu).filter((pdu) => pdu !== template);
    const chain = [room.create.pdu, ...authChain];
    const stream = (head: JsonObject, lists: Record<string, readonly Pdu[]>) =>
      new Response(ReadableStream.from(answer(head, lists)) as never);
    if (pathname.includes('/state/')) return stream({}, { auth_chain: chain, pdus: state });
    if (!pathname.includes('/send_join/')) return new Response('{}', { status: 404 });
    const event = (await request.json()) as JsonObject;
    const head = { event, members_omitted: omitsMembers, servers_in_room: [serverName] };
    const told = omitsMembers ? state.filter(({ type }) => type !== 'm.room.member') : state;
    return stream(head, { auth_chain: chain, state: told });
  };
}

function keys(): JsonObject {
  const key = encodeBase64(ed25519PublicKey(signingKey.seed));
  const answer: JsonObject = {
    server_name: serverName,
    valid_until_ts: Date.now() + 24 * 60 * 60_000,
    verify_keys: { [signingKey.keyId]: { key } },
    old_verify_keys: {},
  };
  return signJson(answer, serverName, signingKey);
}

function* answer(head: JsonObject, lists: Record<string, readonly Pdu[]>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`{"origin":"${serverName}"`);
  for (const [name, value] of Object.entries(head)) {
    yield encoder.encode(`,${JSON.stringify(name)}:${JSON.stringify(value)}`);
  }
  for (const [name, pdus] of Object.entries(lists)) {
    yield encoder.encode(`,"${name}":[`);
    for (let start = 0; start < pdus.length; start += portion) {
      const part = JSON.stringify(pdus.slice(start, start + portion)).slice(1, -1);
      yield encoder.encode(start === 0 ? part : `,${part}`);
    }
    yield encoder.encode(']');
  }
  yield encoder.encode('}');
}
