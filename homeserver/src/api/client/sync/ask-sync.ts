import { ownsUser } from '../../../../../appservice/registration.ts';
import { forbidden, unknownToken } from '../../../../../matrix/errors.ts';
import type { UserId } from '../../../../../matrix/identifiers.ts';
import type { Stubs } from '../../../objects/stubs.ts';
import { encodeSyncCall, incompleteReplyHeader, syncCallHeader } from '../../../objects/sync-call.ts';
import type { SyncCall, SyncReply } from '../../../objects/user-sync-rpc.ts';
import { authenticate, bearerToken, registrationOfToken, userOfToken } from '../../access-token.ts';
import type { Call } from '../../endpoint.ts';
import { completeAnswer } from './complete-answer.ts';

/** No client asks for more, and proxies give up earlier. */
const maxWaitMs = 5 * 60 * 1000;

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
  return completeAnswer(call.stubs, userId, reply);
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

/** An answer goes through as it streams, unless the rooms have to add to it. */
async function answerOf(stubs: Stubs, userId: UserId, response: Response): Promise<object> {
  if (!response.headers.has(incompleteReplyHeader)) return response;
  return completeAnswer(stubs, userId, (await response.json()) as SyncReply);
}

/** The second frame, or the first when the second does not come. */
async function awaitReply(
  socket: WebSocket,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<SyncReply> {
  // A socket that ends before its first frame has told nothing, so the object is asked again.
  let latest: SyncReply = { answer: {}, again: true };
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
  const timer = new AbortController();
  const timedOut = scheduler.wait(timeoutMs, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([ended, timedOut]);
  timer.abort();
  socket.close(1000);
  return latest;
}
