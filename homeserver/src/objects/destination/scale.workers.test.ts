import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import type { EventId, RoomId, UserId } from '../../../../matrix/identifiers.ts';
import type { DestinationRpc, ServerDelta } from '../destination-rpc.ts';
import { startRoom } from '../room/testing/started-room.ts';
import { alice } from '../room/testing/test-room.ts';
import { DestinationObject } from './destination-object.ts';
import type { SendProblem } from './transaction-queue.ts';

/** A server in many rooms, with many others: what an event costs is not to grow with them. */
const rooms = 500;
const others = 200;

const namespace = (env as unknown as { DESTINATIONS: DurableObjectNamespace<DestinationObject> })
  .DESTINATIONS;
const rpc = (server: string) => namespace.getByName(server) as unknown as DestinationRpc;

let transmit: (server: string) => Promise<SendProblem | undefined>;

beforeEach(() => {
  Object.defineProperty(DestinationObject.prototype, 'transmit', {
    configurable: true,
    value(this: { ctx: DurableObjectState }) {
      return transmit(this.ctx.id.name ?? '');
    },
  });
});

const hangs = () => new Promise<undefined>(() => {});

function delta(room: number, position: number): ServerDelta {
  const pdus = [{ position, pdu: { type: 'm.room.message', content: { position } } }];
  return {
    roomId: `!room${room}:roost.test` as RoomId,
    fromPosition: position - 1,
    position,
    pdus,
    edus: [],
  };
}

/** Rows that the object reads, by what each cursor is billed. */
async function rowsRead(server: string, work: (object: DestinationRpc) => Promise<unknown>): Promise<number> {
  return runInDurableObject(namespace.getByName(server), async (instance, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
    let read = 0;
    const { exec } = prototype;
    prototype.exec = function counted(this: SqlStorage, ...parameters: Parameters<typeof exec>) {
      const cursor = exec.apply(this, parameters);
      const rows = cursor.toArray();
      read += cursor.rowsRead;
      cursor.toArray = () => rows;
      return cursor;
    } as typeof exec;
    try {
      await work(instance as unknown as DestinationRpc);
    } finally {
      prototype.exec = exec;
    }
    return read;
  });
}

test.each([
  ['hangs', hangs],
  ['cannot be reached', async () => ({ text: 'unreachable', isRefused: false })],
])('an event for a server that %s costs the same in one room and in 500', async (name, answer) => {
  transmit = answer;
  const costs: number[] = [];
  for (const count of [1, rooms]) {
    const server = `in-${count} ${name}`;
    await runInDurableObject(namespace.getByName(server), async (instance) => {
      const object = instance as unknown as DestinationRpc;
      for (let room = 0; room < count; room += 1) await object.applyRoomDelta(delta(room, 1));
    });
    await rpc(server).applyRoomDelta(delta(0, 2));
    costs.push(await rowsRead(server, (object) => object.applyRoomDelta(delta(0, 3))));
    expect((await rpc(server).health()).queued).toBe(count + 2);
  }
  expect(costs[1]).toBe(costs[0]);
});

test('an event of a room goes to the servers of that room, though many more wait for theirs; one that hangs holds up none', async () => {
  const heard: string[] = [];
  transmit = async (server) => {
    if (server !== 'two' && server !== 'three') return hangs();
    heard.push(server);
    return undefined;
  };
  for (let other = 0; other < others; other += 1) {
    await rpc(`other${other}`).applyRoomDelta(delta(other, 1));
  }
  const told: string[] = [];
  const { applyRoomDelta } = DestinationObject.prototype;
  const spy = vi.spyOn(DestinationObject.prototype, 'applyRoomDelta');
  spy.mockImplementation(function (this: DestinationObject, given) {
    const { ctx } = this as unknown as { ctx: DurableObjectState };
    if (given.pdus.length > 0) told.push(ctx.id.name ?? '');
    return applyRoomDelta.call(this, given);
  });
  const room = await startRoom('12', 'one of many');
  const send = (body: string) =>
    room.rpc.append({
      sender: alice as UserId,
      type: 'm.room.message',
      content: { msgtype: 'm.text', body },
    });
  expect(await send('first')).toMatchObject({ kind: 'accepted' });
  await vi.waitFor(() => expect(told.toSorted()).toEqual(['one', 'three', 'two']));
  const { eventId } = (await send('second')) as { eventId: EventId };
  expect(eventId).toBeDefined();
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(['three', 'three', 'two', 'two']));
  expect(told.toSorted()).toEqual(['one', 'one', 'three', 'three', 'two', 'two']);
  spy.mockRestore();
});
