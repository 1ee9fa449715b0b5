import { type Denial, denial, unknown } from '../../../../matrix/errors.ts';
import {
  activePushers,
  deletePusherRow,
  listPushers,
  type PusherRow,
  putPusher,
} from '../../storage/user-sync/pushers.ts';
import { deletePushesOf } from '../../storage/user-sync/pushes.ts';
import type { PusherInfo } from '../user-sync-rpc.ts';
import type { UserContext } from './user-context.ts';

const maxPushers = 50;

export function pushers(user: UserContext): PusherInfo[] {
  return listPushers(user.sqlite).map(({ appId, pushkey, deviceId, setMs, details }) => ({
    appId,
    pushkey,
    deviceId,
    setMs,
    details,
  }));
}

/** Makes or replaces a pusher, which lives as long as the device. */
export function setPusher(
  user: UserContext,
  pusher: Omit<PusherInfo, 'setMs'>,
  nowMs: number,
): { kind: 'done' } | Denial {
  const known = listPushers(user.sqlite);
  if (!known.some(isOf(pusher.appId, pusher.pushkey)) && known.length >= maxPushers) {
    return denial(unknown(`There are ${maxPushers} pushers already`, 400));
  }
  user.sqlite.transaction(() => {
    putPusher(user.sqlite, { ...pusher, setMs: nowMs });
    user.pushers.forget();
    const isActive = activePushers(user.sqlite).some(isOf(pusher.appId, pusher.pushkey));
    // What waited for the pusher as it was before; one that is switched off wants none of it.
    if (isActive) user.due.schedule('push', nowMs);
    else
      for (const { pusher: id } of known.filter(isOf(pusher.appId, pusher.pushkey)))
        deletePushesOf(user.sqlite, id);
  });
  return { kind: 'done' };
}

export function deletePusher(user: UserContext, appId: string, pushkey: string): void {
  deletePushers(user, listPushers(user.sqlite).filter(isOf(appId, pushkey)));
}

/** The device's session has ended. */
export function deletePushersOf(user: UserContext, deviceId: string): void {
  const ofDevice = listPushers(user.sqlite).filter((pusher) => pusher.deviceId === deviceId);
  deletePushers(user, ofDevice);
}

function deletePushers(user: UserContext, gone: readonly PusherRow[]): void {
  user.sqlite.transaction(() => {
    for (const { pusher } of gone) {
      deletePushesOf(user.sqlite, pusher);
      deletePusherRow(user.sqlite, pusher);
    }
    user.pushers.forget();
  });
}

const isOf = (appId: string, pushkey: string) => (pusher: PusherRow) =>
  pusher.appId === appId && pusher.pushkey === pushkey;
