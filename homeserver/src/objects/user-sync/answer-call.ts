import type { DeviceId, RoomId } from '../../../../matrix/identifiers.ts';
import { selectInAnswer } from '../../protocol/sync/event-fields.ts';
import type { SyncCall, SyncReply } from '../user-sync-rpc.ts';
import { answerSliding } from './sliding-sync/answer.ts';
import { answerSync } from './sync-v3/answer.ts';
import { parseSyncRequest, type SyncRequest } from './sync-v3/sync-request.ts';
import { acknowledgeToDevice } from './to-device.ts';
import type { UserContext } from './user-context.ts';

export interface Computed {
  reply: SyncReply;
  /** There was nothing to tell, and the client is willing to wait. */
  wait: boolean;
  /** Nothing to tell. */
  empty: boolean;
  /** Of sliding sync. */
  connId?: string;
}

/**
 * Computes the answer of either sync.
 * @param phase `arrival` acknowledges what the client has read; `wake` is the same call looked at again
 * @throws MatrixError
 */
export function answerCall(
  user: UserContext,
  call: SyncCall,
  deviceId: DeviceId,
  phase: 'arrival' | 'wake',
  nowMs: number,
): Computed {
  switch (call.kind) {
    case 'sync': {
      const request = parseSyncRequest(user, call.query);
      if (phase === 'arrival' && !request.initial) {
        acknowledgeToDevice(user, deviceId, request.toDeviceSince, nowMs);
      }
      const { body, empty, incomplete } = answerSync(user, request, { deviceId, nowMs });
      const wait = empty && !request.initial && !request.fullState && request.timeoutMs > 0;
      const more = toComplete(request.filter, incomplete);
      // What is there already has to be known by fields that are not asked for.
      if (!more) selectInAnswer(body, request.filter.event_fields ?? []);
      return { reply: { answer: body, ...more }, wait, empty };
    }
    case 'sliding': {
      const timeoutMs = Number(call.query.timeout ?? '0') || 0;
      const pos = call.query.pos;
      const isV4 = call.query.shape === 'v4';
      const sliding = { body: call.body, pos, timeoutMs, isV4, deviceId, phase, nowMs };
      const { body, empty, incomplete, connId } = answerSliding(user, sliding);
      const wait = empty && pos !== undefined && timeoutMs > 0;
      return { reply: { answer: body, ...(incomplete.length > 0 && { incomplete }) }, wait, empty, connId };
    }
    default:
      return call.kind satisfies never;
  }
}

/** What the Worker has to add to an answer, if anything. */
function toComplete(
  { event_format: format, event_fields: eventFields }: SyncRequest['filter'],
  incomplete: RoomId[],
): Omit<SyncReply, 'answer'> | undefined {
  const isFederation = format === 'federation';
  if (incomplete.length === 0 && !isFederation) return undefined;
  return {
    ...(incomplete.length > 0 && { incomplete }),
    ...(isFederation && { federationFormat: true }),
    ...(eventFields && { eventFields }),
  };
}
