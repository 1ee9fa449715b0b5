import { ownsUser } from '../../../../../appservice/registration.ts';
import { forbidden, fromDenial, unknownToken } from '../../../../../matrix/errors.ts';
import type { RoomId, UserId } from '../../../../../matrix/identifiers.ts';
import { isJsonObject, type JsonObject } from '../../../../../matrix/json.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { encodeSyncCall, syncCallHeader } from '../../../objects/user-sync/sync-call.ts';
import type { SyncCall, SyncReply } from '../../../objects/user-sync-rpc.ts';
import { authenticate, bearerToken, registrationOfToken, userOfToken } from '../../access-token.ts';
import type { Call } from '../../endpoint.ts';

/** No client asks for more, and proxies give up earlier. */
const maxWaitMs = 5 * 60 * 1000;
/** Rooms asked for their members at once: connections that wait for headers are limited. */
const memberRequests = 6;

type AnyCall = Pick<Call<unknown, unknown>, 'request' | 'url' | 'config' | 'stubs'>;

/**
 * Asks the user's object for the answer of a sync, and waits here, where waiting costs nothing, until there
 * is one, the time is over, or the client has gone.
 * @param timeoutMs how long the client is willing to wait
 */
export async function askSync(
  call: AnyCall,
  sync: Pick<SyncCall, 'kind' | 'query' | 'body'>,
  timeoutMs: number,
): Promise<object> {
  const { userId, caller } = await callerOf(call);
  const ask = (query: Record<string, string>) =>
    call.stubs.user(userId).fetch(
      new Request('https://user/sync', {
        headers: { upgrade: 'websocket', [syncCallHeader]: encodeSyncCall({ ...sync, query, caller }) },
      }),
    );
  const response = await ask(sync.query);
  if (!response.webSocket) return answerOf(call.stubs, userId, response);
  const reply = await awaitReply(response.webSocket, Math.min(timeoutMs, maxWaitMs), call.request.signal);
  if (reply.again) return answerOf(call.stubs, userId, await ask({ ...sync.query, timeout: '0' }));
  return completed(call.stubs, userId, reply);
}

/**
 * Access tokens are left to the object to check; those of application services are known here. A service
 * may sync as the people it shares (double puppeting), not as its own users: it gets their events in
 * transactions, and nothing is kept for them to sync.
 */
async function callerOf({ request, url, config, stubs }: AnyCall): Promise<{
  userId: UserId;
  caller: SyncCall['caller'];
}> {
  const accessToken = bearerToken(request);
  const registration = registrationOfToken(accessToken, config);
  if (registration) {
    const { userId, deviceId } = await authenticate(request, url, config, stubs);
    if (ownsUser(registration, userId, config.serverName)) {
      throw forbidden('Users of application services do not sync: their events come in transactions');
    }
    return { userId, caller: { deviceId } };
  }
  const userId = userOfToken(accessToken, config);
  if (!userId) throw unknownToken();
  return { userId, caller: { accessToken } };
}

async function answerOf(stubs: Stubs, userId: UserId, response: Response): Promise<object> {
  if (response.status !== 200) return response;
  return completed(stubs, userId, (await response.json()) as SyncReply);
}

/** The second frame, or the first when the second does not come. */
async function awaitReply(
  socket: WebSocket,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<SyncReply> {
  let latest: SyncReply = { answer: {} };
  let frames = 0;
  const ended = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      latest = JSON.parse(String(data)) as SyncReply;
      frames += 1;
      if (frames === 2) resolve();
    });
    socket.addEventListener('close', () => resolve());
    socket.addEventListener('error', () => resolve());
    signal?.addEventListener('abort', () => resolve());
  });
  socket.accept();
  await Promise.race([ended, scheduler.wait(timeoutMs)]);
  socket.close(1000);
  return latest;
}

/** Adds the members that only the rooms know, for clients that load them all. */
async function completed(stubs: Stubs, userId: UserId, reply: SyncReply): Promise<JsonObject> {
  const queue = [...(reply.incomplete ?? [])];
  const worker = async () => {
    for (let roomId = queue.shift(); roomId !== undefined; roomId = queue.shift()) {
      await addMembers(stubs, userId, roomId, reply.answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(memberRequests, queue.length) }, worker));
  return reply.answer;
}

async function addMembers(stubs: Stubs, userId: UserId, roomId: RoomId, answer: JsonObject): Promise<void> {
  const members = await stubs.room(roomId).readMembers(userId, {});
  if (members.kind === 'denied') throw fromDenial(members);
  const room = member(member(member(answer, 'rooms'), 'join'), roomId);
  const section = member(room, room.state_after === undefined ? 'state' : 'state_after');
  const state = Array.isArray(section.events) ? section.events : [];
  const timeline = member(room, 'timeline').events;
  const present = new Set(
    [...state, ...(Array.isArray(timeline) && room.state_after === undefined ? timeline : [])]
      .filter(isJsonObject)
      .filter((event) => event.type === 'm.room.member')
      .map((event) => event.state_key),
  );
  for (const { room_id: _room, ...event } of members.events) {
    if (!present.has(event.state_key)) state.push(event as JsonObject);
  }
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}
