import { setTimeout } from 'node:timers/promises';
import type { ImportProgress } from '../../homeserver/src/objects/room-rpc.ts';
import type { Pdu } from '../../homeserver/src/protocol/pdu.ts';
import type { Denial } from '../../matrix/errors.ts';
import type { UserId } from '../../matrix/identifiers.ts';
import { type BenchRuntime, serverName } from './bench-runtime.ts';
import { type RemoteRoom, user } from './remote-room.ts';

export const localUser: UserId = user('me', serverName);

/** What an import took, as a whole and at worst in one call. */
export interface ImportCosts {
  ms: number;
  cpuMs: number;
  calls: number;
  longestCallMs: number;
  mostCpuMs: number;
  /** The most that the isolate ever had in use, code and all. */
  memoryMb: number;
  largestPortionKb: number;
}

const portion = 500;

/**
 * Imports a room of another server with the join of a user of this one.
 * @param order which comes first; the auth chain after the state is the worst case, for then all has to wait
 */
export async function importRoom(
  runtime: BenchRuntime,
  room: RemoteRoom,
  authChain: readonly Pdu[],
  order: 'authChainFirst' | 'stateFirst' = 'authChainFirst',
): Promise<ImportCosts> {
  const state = [...room.state.values()].map(({ pdu }) => pdu).filter((pdu) => pdu !== room.create.pdu);
  if (order === 'stateFirst') state.reverse();
  const join = room.member(localUser);
  // Making events takes long: connections that were closed meanwhile have to be noticed.
  await setTimeout(50);
  runtime.heap.reset();
  const costs = {
    ms: 0,
    cpuMs: 0,
    calls: 0,
    longestCallMs: 0,
    mostCpuMs: 0,
    memoryMb: 0,
    largestPortionKb: 0,
  };
  const call = async <Result>(method: string, ...parameters: unknown[]): Promise<Result> => {
    const { result, ms, cpuMs } = await runtime.call<Result | Denial>(room.roomId, method, parameters);
    costs.ms += ms;
    costs.cpuMs += cpuMs;
    costs.calls += 1;
    costs.longestCallMs = Math.max(costs.longestCallMs, ms);
    costs.mostCpuMs = Math.max(costs.mostCpuMs, cpuMs);
    const refusal = result as Partial<Denial>;
    if (refusal.kind === 'denied') throw new Error(`${method}: ${refusal.error}`);
    return result as Result;
  };
  const send = async (key: 'state' | 'authChain', pdus: readonly Pdu[]) => {
    for (let start = 0; start < pdus.length; start += portion) {
      const part = pdus.slice(start, start + portion);
      costs.largestPortionKb = Math.max(costs.largestPortionKb, JSON.stringify(part).length / 1024);
      await call('importEvents', { state: [], authChain: [], [key]: part });
    }
  };
  await call('beginImport', { roomVersion: room.version.id, createEvent: room.create.pdu });
  if (order === 'authChainFirst') await send('authChain', authChain);
  await send('state', state);
  if (order === 'stateFirst') await send('authChain', authChain);
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const { waiting } = await call<ImportProgress>('settleImport');
    if (waiting === left) throw new Error(`${waiting} events wait for ever`);
    left = waiting;
  }
  await call('finishImport', join.pdu);
  costs.memoryMb = runtime.heap.peakMb;
  return costs;
}

/** Every fifth member was invited before, by the creator, under other power levels: that is in the auth chain. */
export function fillWithMembers(room: RemoteRoom, members: number): Pdu[] {
  const authChain = room.addBeginning({ state_default: 0 }).map(({ pdu }) => pdu);
  for (let number = 0; number < members; number += 1) {
    const userId = user(`user${number}`);
    if (number % 5 === 0) authChain.push(room.member(userId, 'invite', room.creator).pdu);
    if (number % 1000 === 999) {
      const content = { users: {}, state_default: 0, events: { [`com.example.${number}`]: 50 } };
      const powerLevels = { type: 'm.room.power_levels', sender: room.creator, stateKey: '', content };
      authChain.push(room.add(powerLevels).pdu);
    }
    room.member(userId);
  }
  return authChain;
}
