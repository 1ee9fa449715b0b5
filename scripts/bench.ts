import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Denial } from '../matrix/errors.ts';
import { answeringServer } from './bench/answering-server.ts';
import { BenchRuntime } from './bench/bench-runtime.ts';
import { measureFederation } from './bench/federation.ts';
import { forkCosts } from './bench/forks.ts';
import { fillWithMembers, importRoom, localUser } from './bench/import-room.ts';
import { RemoteRoom, serverName as remoteServer } from './bench/remote-room.ts';
import { atMost, median, Targets } from './bench/targets.ts';
import type { StateBack } from './bench/worker.ts';

/**
 * `npm run bench`: what a room does in workerd, and what servers do for each other, against targets and beside Synapse.
 * `--quick`: small sizes; `--only federation`: that alone.
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const sizes = values.quick
  ? { members: 1_000, history: 2_000, branch: 100, appends: 20 }
  : { members: 50_000, history: 20_000, branch: 2_500, appends: 200 };
const federationSizes = values.quick
  ? { rooms: 5, transactions: 2, destinations: 5, messages: 2, rounds: 1 }
  : { rooms: 50, transactions: 4, destinations: 200, messages: 5, rounds: 5 };
const n = (count: number) => count.toLocaleString('en-US');

const message = {
  sender: localUser,
  type: 'm.room.message',
  content: { msgtype: 'm.text', body: 'A message of ordinary length, as people write them.' },
};

const targets = new Targets();
if (values.only === 'federation') {
  await measureFederation(targets, federationSizes);
  targets.report();
  process.exit();
}
let runtime = await BenchRuntime.start();
try {
  // 1, 4, 5: one room that grows.
  const small = await importedRoom('small', 3);
  await append(small.roomId, 10, 10);
  const appends = await append(small.roomId, sizes.appends, 10);
  targets.atMost('append to a linear room, median', appends.ms, ' ms', 1);
  targets.note('the same: mean processor time, with what followers are told', appends.cpuMs, ' ms');
  const newRoom = await rowsOfAppend(small.roomId);
  const aged = await importedRoom('aged', 3);
  for (let from = 0; from < sizes.history; from += 1_000) {
    await runtime.call(aged.roomId, 'fillWithHistory', [localUser, from, 1_000]);
  }
  const position = 2 ** 32 + sizes.history / 2;
  await runtime.call<StateBack>(aged.roomId, 'stateBack', [position, 5]);
  const { result: back, cpuMs } = await runtime.call<StateBack>(aged.roomId, 'stateBack', [position, 50]);
  const behind = `${n(sizes.history / 2)} events back`;
  targets.atMost(
    `whole state ${behind} (${n(back.events)} events)`,
    atMost(median(back.full), cpuMs, 50),
    ' ms',
    10,
  );
  targets.atMost(`one key of the state ${behind}`, back.key, ' ms', 10);
  for (let left = sizes.members - sizes.history; left > 0; left -= 1_000) await append(aged.roomId, 100, 10);
  const oldRoom = await rowsOfAppend(aged.roomId);
  for (const kind of ['read', 'written'] as const) {
    targets.note(`rows ${kind} by an append to a new room`, newRoom[kind], '');
    targets.atMost(`the same with ${n(sizes.members)} events`, oldRoom[kind] / newRoom[kind], ' times', 1.1);
  }
  targets.note('append to that room, median', (await append(aged.roomId, sizes.appends, 10)).ms, ' ms');

  // 2.
  for (const version of ['11', '12']) {
    for (const keys of ['distinct', 'same', 'members'] as const) {
      const costs = await forkCosts(runtime, version, keys, sizes.branch);
      const name = `${n(2 * sizes.branch)} events in conflict (${keys}, version ${version})`;
      targets.atMost(`${name}: resolved`, costs.resolveMs, ' ms', 1_000);
      targets.atMost(`${name}: and again, with a state event more`, costs.stateMs, ' ms', 1_000);
      targets.note(`${name}: a message meanwhile`, costs.messageMs, ' ms');
      targets.note(`${name}: the event that joins the branches`, costs.mergeMs, ' ms');
      targets.note(`${name}: events received, one branch as it happened`, costs.receiveMs / 1000, ' s');
      targets.note(`${name}: the other as told state`, costs.outliersMs / 1000, ' s');
    }
  }

  // 3, 6.
  for (const order of ['authChainFirst', 'stateFirst'] as const) {
    const room = new RemoteRoom('12', `large${order}`);
    const authChain = fillWithMembers(room, sizes.members);
    await runtime.stop();
    runtime = await BenchRuntime.start();
    const costs = await importRoom(runtime, room, authChain, order);
    const name = `import of ${n(sizes.members)} members, ${order === 'stateFirst' ? 'state' : 'auth chain'} first`;
    targets.atMost(name, atMost(costs.ms, costs.cpuMs) / 1000, ' s', 60);
    targets.note(`${name}: slowest of ${costs.calls} calls`, costs.longestCallMs, ' ms');
    targets.atMost(`${name}: most processor time of a call`, costs.mostCpuMs, ' ms', 30_000);
    targets.atMost(`${name}: memory of the isolate`, costs.memoryMb, ' MiB', 128);
    targets.note(`${name}: largest portion`, costs.largestPortionKb, ' kB');
    if (order === 'authChainFirst') await largeRoom(room.roomId);
  }

  // The same over the network: the answer is taken apart and its signatures are checked while it arrives.
  const room = new RemoteRoom('12', 'joined');
  const outbound = answeringServer(room, fillWithMembers(room, sizes.members));
  await runtime.stop();
  runtime = await BenchRuntime.start(outbound);
  runtime.heap.reset();
  const { ms, cpuMs: joinCpuMs } = await runtime.call(room.roomId, 'joinThrough', [remoteServer, localUser]);
  const join = `join of a room with ${n(sizes.members)} members, signatures checked`;
  targets.note(join, atMost(ms, joinCpuMs) / 1000, ' s');
  targets.atMost(`${join}: memory of the isolate`, runtime.heap.peakMb, ' MiB', 128);
  await joinWithoutMembers();
} finally {
  await runtime.stop();
}
await measureFederation(targets, federationSizes);
targets.report();
process.exit();

/** The members are left out at first: until the join is answered, and until they are all here. */
async function joinWithoutMembers(): Promise<void> {
  const room = new RemoteRoom('12', 'partial');
  const outbound = answeringServer(room, fillWithMembers(room, sizes.members), true);
  await runtime.stop();
  runtime = await BenchRuntime.start(outbound);
  runtime.heap.reset();
  const cpuBefore = runtime.cpuMs();
  const join = await runtime.call(room.roomId, 'joinThrough', [remoteServer, localUser]);
  const name = `join of a room with ${n(sizes.members)} members that are left out`;
  targets.note(name, atMost(join.ms, join.cpuMs) / 1000, ' s');
  for (let isPartial = true; isPartial; ) {
    await pause(250);
    const asked = [remoteServer, room.create.eventId];
    const { result } = await runtime.call<{ kind: string }>(room.roomId, 'stateIdsFor', asked);
    isPartial = result.kind === 'denied' && (result as Denial).error.includes('yet');
  }
  targets.note(`${name}: until they are here`, (runtime.cpuMs() - cpuBefore) / 1000, ' s');
  targets.atMost(`${name}: memory of the isolate`, runtime.heap.peakMb, ' MiB', 128);
}

async function largeRoom(roomId: string): Promise<void> {
  const members = `${n(sizes.members)} members`;
  targets.note(`append with ${members}, median`, (await append(roomId, sizes.appends, 10)).ms, ' ms');
  await runtime.evict(roomId);
  const cold = await runtime.call(roomId, 'append', [message], { countRows: true });
  targets.atMost(`first message after an eviction with ${members}: rows read`, cold.read, '', 200);
  await runtime.evict(roomId);
  targets.note('the same: time', (await runtime.call(roomId, 'append', [message])).ms, ' ms');
  for (const [method, parameters] of [
    ['snapshotFor', [localUser]],
    ['readMembers', [localUser, {}]],
    ['readState', [localUser]],
  ] as const) {
    const { ms, cpuMs } = await runtime.call(roomId, method, [...parameters], { sizeOnly: true });
    const { result, read } = await runtime.call<number>(roomId, method, [...parameters], {
      sizeOnly: true,
      countRows: true,
    });
    targets.note(`${method} with ${members}`, atMost(ms, cpuMs), ' ms');
    targets.note(`${method}: rows read`, read, '');
    targets.note(`${method}: size`, result / 1024, ' kB');
  }
}

async function importedRoom(name: string, members: number): Promise<RemoteRoom> {
  const room = new RemoteRoom('12', name);
  await importRoom(runtime, room, fillWithMembers(room, members));
  return room;
}

/** @returns for one event: ms, the median of batches, and mean processor time */
async function append(roomId: string, batches: number, batchSize: number) {
  const { result, cpuMs } = await runtime.call<number[]>(roomId, 'appendMany', [message, batches, batchSize]);
  const repeats = batches * batchSize;
  return { ms: atMost(median(result), cpuMs, repeats), cpuMs: cpuMs / repeats };
}

/** Of the tenth message: the first ones arm the alarm. */
async function rowsOfAppend(roomId: string): Promise<{ read: number; written: number }> {
  for (let sent = 0; sent < 9; sent += 1) await runtime.call(roomId, 'append', [message]);
  const { read, written } = await runtime.call(roomId, 'append', [message], { countRows: true });
  return { read, written };
}
