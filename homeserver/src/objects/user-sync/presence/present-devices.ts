import { type PresenceState, presenceStates } from '../../../protocol/sync/presence.ts';
import { decodeSyncCall } from '../../sync-call.ts';
import type { SyncCall } from '../../user-sync-rpc.ts';
import { waitingCalls } from '../wait.ts';
import type { PresentDevice } from './presence-watch.ts';

/** A client in use waits this long at least; what looks for a notification does not. */
const minWaitMs = 10_000;

/**
 * What a sync says of its user, by `set_presence`: without it, that they are online. Sliding sync is used in the
 * background as well, where nobody says so; there only who waits is taken for online.
 * @returns nothing if it says nothing
 */
export function presenceOfCall({ kind, query }: SyncCall): PresenceState | undefined {
  const said = presenceStates.find((state) => state === query.set_presence);
  if (said || kind === 'sync') return said ?? 'online';
  const waits = query.pos !== undefined && Number(query.timeout ?? '0') >= minWaitMs;
  return waits ? 'online' : undefined;
}

/** Devices whose syncs wait. */
export function presentDevices(ctx: DurableObjectState): PresentDevice[] {
  return waitingCalls(ctx).flatMap(({ deviceId, encoded }) => {
    const state = presenceOfCall(decodeSyncCall(encoded));
    return state ? [{ deviceId, state }] : [];
  });
}
