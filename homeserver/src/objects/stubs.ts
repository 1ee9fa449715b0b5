import { log } from '../../../platform/log.ts';
import type { Env, ObjectNamespace } from '../env.ts';
import type { AppserviceRpc } from './appservice-rpc.ts';
import type { RoomRpc } from './room-rpc.ts';
import type { UserKeysRpc } from './user-keys-rpc.ts';
import type { UserSyncRpc } from './user-sync-rpc.ts';

/** The only place that makes stubs, so that the cost test can count object requests. */
export interface Stubs {
  room(roomId: string): RoomRpc;
  user(userId: string): UserSyncRpc;
  userKeys(userId: string): UserKeysRpc;
  appservice(id: string): AppserviceRpc;
}

export function makeStubs(env: Env): Stubs {
  const meter = env.LOG_METER === '1';
  return {
    room: (roomId) => stub(env.ROOMS, roomId, meter && 'RoomObject'),
    user: (userId) => stub(env.USERS, userId, meter && 'UserSyncObject'),
    userKeys: (userId) => stub(env.USER_KEYS, userId, meter && 'UserKeysObject'),
    appservice: (id) => stub(env.APPSERVICES, id, meter && 'AppserviceObject'),
  };
}

function stub<Rpc>(namespace: ObjectNamespace<Rpc>, name: string, meter: string | false): Rpc {
  const target = namespace.getByName(name);
  if (!meter) return target;
  return new Proxy(target as object, {
    get(object, method) {
      // A stub that is awaited or returned by an async function is asked whether it is a promise.
      if (method === 'then' || typeof method === 'symbol') return undefined;
      return (...parameters: unknown[]) => {
        log('debug', 'meter.object_request', { class: meter, method: String(method) });
        // Called as a member: taken off a stub, a method is itself a stub and forgets whose it was.
        const members = object as Record<string | symbol, (...parameters: unknown[]) => unknown>;
        return members[method]?.(...parameters);
      };
    },
  }) as Rpc;
}
