import { type PresenceState, presenceStates } from '../../../protocol/sync/presence.ts';
import { decodeSyncCall } from '../../sync-call.ts';
import type { SyncCall } from '../../user-sync-rpc.ts';
import { waitingCalls } from '../wait.ts';
import type { PresentDevice } from './presence-watch.ts';

/** What a sync says of its user, by `set_presence`: without it, that they are online. */
export function presenceOfCall({ query }: SyncCall): PresenceState {
  return presenceStates.find((state) => state === query.set_presence) ?? 'online';
}

/** Devices whose syncs wait. */
export function presentDevices(ctx: DurableObjectState): PresentDevice[] {
  return waitingCalls(ctx).map(({ deviceId, encoded }) => ({
    deviceId,
    state: presenceOfCall(decodeSyncCall(encoded)),
  }));
}
