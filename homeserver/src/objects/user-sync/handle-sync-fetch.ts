import { MatrixError, unknownToken, userLocked } from '../../../../matrix/errors.ts';
import type { DeviceId } from '../../../../matrix/identifiers.ts';
import { decodeSyncCall, incompleteReplyHeader, syncCallHeader } from '../sync-call.ts';
import { answerCall } from './answer-call.ts';
import { notePresence } from './presence/own-presence.ts';
import { presenceOfCall, presentDevices } from './presence/present-devices.ts';
import { authenticate } from './sessions.ts';
import type { UserContext } from './user-context.ts';
import { dismissOvertaken, letWait } from './wait.ts';

/** `UserSyncRpc.fetch`. From the check of the token to the waiting it is one synchronous section. */
export function handleSyncFetch(ctx: DurableObjectState, user: UserContext, request: Request): Response {
  const encoded = request.headers.get(syncCallHeader) ?? '';
  const nowMs = Date.now();
  try {
    const call = decodeSyncCall(encoded);
    const deviceId =
      'deviceId' in call.caller ? call.caller.deviceId : deviceOf(user, call.caller.accessToken, nowMs);
    notePresence(user, deviceId, presenceOfCall(call), () => presentDevices(ctx), nowMs);
    const { reply, wait, connId } = answerCall(user, call, deviceId, 'arrival', nowMs);
    if (connId !== undefined) dismissOvertaken(ctx, deviceId, connId);
    if (wait) return letWait(ctx, { encoded, deviceId, connId }, reply);
    if (!reply.incomplete && !reply.federationFormat) return Response.json(reply.answer);
    return Response.json(reply, { headers: { [incompleteReplyHeader]: '1' } });
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    return Response.json(error.toBody(), { status: error.status, headers: error.headers });
  }
}

function deviceOf(user: UserContext, accessToken: string, nowMs: number): DeviceId {
  const session = authenticate(user, accessToken, nowMs);
  if (session.kind === 'unknown_token') throw unknownToken(session.soft);
  if (session.restrictions?.locked) throw userLocked();
  return session.deviceId;
}
