import { objectStub } from '../../../platform/object-stub.ts';
import type { Env } from '../env.ts';
import type { AppserviceRpc } from './appservice-rpc.ts';
import type { DestinationRpc } from './destination-rpc.ts';
import type { RoomRpc } from './room-rpc.ts';
import type { UserKeysRpc } from './user-keys-rpc.ts';
import type { UserSyncRpc } from './user-sync-rpc.ts';

/** The only place that makes stubs, so that the cost test can count object requests. */
export interface Stubs {
  room(roomId: string): RoomRpc;
  user(userId: string): UserSyncRpc;
  userKeys(userId: string): UserKeysRpc;
  appservice(id: string): AppserviceRpc;
  destination(server: string): DestinationRpc;
}

export function makeStubs(env: Env): Stubs {
  const meter = env.LOG_METER === '1';
  return {
    room: (roomId) => objectStub(env.ROOMS, roomId, meter && 'RoomObject'),
    user: (userId) => objectStub(env.USERS, userId, meter && 'UserSyncObject'),
    userKeys: (userId) => objectStub(env.USER_KEYS, userId, meter && 'UserKeysObject'),
    appservice: (id) => objectStub(env.APPSERVICES, id, meter && 'AppserviceObject'),
    destination: (server) => objectStub(env.DESTINATIONS, server, meter && 'DestinationObject'),
  };
}
