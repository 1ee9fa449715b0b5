import { MatrixError } from '../../../../matrix/errors.ts';
import type { DeviceId } from '../../../../matrix/identifiers.ts';
import { errorText, log } from '../../../../platform/log.ts';
import { decodeSyncCall } from '../sync-call.ts';
import type { SyncReply } from '../user-sync-rpc.ts';
import { answerCall } from './answer-call.ts';
import type { UserContext } from './user-context.ts';

/** Kept with a waiting socket; `null` once it has been answered. */
type Attachment = WaitingCall | null;

export interface WaitingCall {
  /** See `sync-call.ts`. */
  encoded: string;
  deviceId: DeviceId;
  /** Of sliding sync. */
  connId?: string | undefined;
}

/**
 * Lets a caller wait without holding the object: the socket hibernates with it, and the next change wakes
 * both. The caller of this has found nothing to tell in the same synchronous section, so no change can fall
 * between looking and waiting.
 */
export function letWait(ctx: DurableObjectState, call: WaitingCall, emptyReply: SyncReply): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.acceptWebSocket(server);
  server.serializeAttachment(call satisfies Attachment);
  server.send(JSON.stringify(emptyReply));
  return new Response(null, { status: 101, webSocket: client });
}

/** Calls that wait now. */
export function waitingCalls(ctx: DurableObjectState): WaitingCall[] {
  return ctx
    .getWebSockets()
    .map((socket) => socket.deserializeAttachment() as Attachment)
    .filter((attachment) => attachment !== null);
}

/** Answers those waiting callers for whom the latest change is news. */
export function wakeWaiting(ctx: DurableObjectState, user: UserContext, nowMs: number): void {
  for (const socket of ctx.getWebSockets()) {
    const attachment = socket.deserializeAttachment() as Attachment;
    if (!attachment) continue;
    const reply = replyTo(user, attachment, nowMs);
    if (reply) finish(socket, JSON.stringify(reply));
  }
}

/** Ends the waiting of devices that are no more; their next request is refused. */
export function dismissWaiting(ctx: DurableObjectState, deviceIds: readonly string[]): void {
  for (const socket of ctx.getWebSockets()) {
    const attachment = socket.deserializeAttachment() as Attachment;
    if (attachment && deviceIds.includes(attachment.deviceId)) finish(socket);
  }
}

/**
 * Ends the waiting of a connection's earlier calls when a newer one has come. Their client has given them up,
 * which is not always noticed; answered or asked again they would record as sent what nobody receives.
 */
export function dismissOvertaken(ctx: DurableObjectState, deviceId: DeviceId, connId: string): void {
  for (const socket of ctx.getWebSockets()) {
    const attachment = socket.deserializeAttachment() as Attachment;
    if (attachment?.deviceId === deviceId && attachment.connId === connId) finish(socket);
  }
}

/** A call that can no longer be answered is sent away to be refused in the ordinary way. */
function replyTo(
  user: UserContext,
  { encoded, deviceId }: WaitingCall,
  nowMs: number,
): SyncReply | undefined {
  try {
    const { reply, empty } = answerCall(user, decodeSyncCall(encoded), deviceId, 'wake', nowMs);
    return empty ? undefined : reply;
  } catch (error) {
    if (!(error instanceof MatrixError)) {
      log('error', 'sync.wake_failed', { userId: user.userId, deviceId, error: errorText(error) });
    }
    return { answer: {}, again: true };
  }
}

function finish(socket: WebSocket, frame?: string): void {
  socket.serializeAttachment(null);
  try {
    if (frame !== undefined) socket.send(frame);
    socket.close(1000);
  } catch {
    // The caller has gone; it asks again and gets the same.
  }
}
