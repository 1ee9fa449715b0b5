import { DurableObject } from 'cloudflare:workers';
import { readConfig } from '../../homeserver/src/config.ts';
import type { Env } from '../../homeserver/src/env.ts';
import { joinThrough } from '../../homeserver/src/federation/outbound/join-room.ts';
import { RoomObject } from '../../homeserver/src/objects/room/room-object.ts';
import type { AppendInput, DeltaResult, ServiceDelta } from '../../homeserver/src/objects/room-rpc.ts';
import { makeStubs } from '../../homeserver/src/objects/stubs.ts';
import { stateAt, stateEventAt } from '../../homeserver/src/storage/room/state.ts';
import type { RoomId, ServerName, UserId } from '../../matrix/identifiers.ts';
import { Sqlite } from '../../platform/sqlite.ts';

/** What one call of a room took. Times move in workerd as they do elsewhere, if it runs on one's own machine. */
export interface Measured<Result = unknown> {
  result: Result;
  ms: number;
  /** Of the whole process: what rooms and followers do in the meantime is in it, and other programs are not. */
  cpuMs: number;
  /** Billable rows; counted only where that was asked for, since it takes time. */
  read: number;
  written: number;
}

/** A state of the past: how much it is, and ms to read it, each time, and one key of it. */
export interface StateBack {
  events: number;
  full: number[];
  key: number;
}

const rows = { isCounted: false, read: 0, written: 0 };
let isWatched = false;

/** Every cursor of every object tells what it was billed. */
function watchCursors(storage: DurableObjectStorage): void {
  if (isWatched) return;
  isWatched = true;
  const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
  const { exec } = prototype;
  prototype.exec = function counted<Row extends Record<string, SqlStorageValue>>(
    this: SqlStorage,
    statement: string,
    ...bindings: SqlStorageValue[]
  ) {
    const cursor = exec.call(this, statement, ...bindings) as SqlStorageCursor<Row>;
    if (!rows.isCounted) return cursor;
    const array = cursor.toArray();
    rows.read += cursor.rowsRead;
    rows.written += cursor.rowsWritten;
    cursor.toArray = () => array;
    return cursor;
  };
}

/** The room of the product, with ways to repeat inside of it what would else be measured with the way to it. */
export class BenchRoom extends RoomObject {
  constructor(ctx: DurableObjectState, env: Env) {
    watchCursors(ctx.storage);
    super(ctx, env);
  }

  /** @returns ms for each, of batches */
  async appendMany(input: AppendInput, batches: number, batchSize: number): Promise<number[]> {
    const times: number[] = [];
    for (let batch = 0; batch < batches; batch += 1) {
      const start = performance.now();
      for (let count = 0; count < batchSize; count += 1) {
        const result = await this.append({ ...input, transaction: { deviceId: 'BENCH', txnId: newTxnId() } });
        if (result.kind !== 'accepted') throw new Error(result.error);
      }
      times.push((performance.now() - start) / batchSize);
    }
    return times;
  }

  /** Every tenth event is state, each of a key of its own. */
  async fillWithHistory(sender: AppendInput['sender'], from: number, count: number): Promise<void> {
    for (let number = from; number < from + count; number += 1) {
      const stateKey = number % 10 === 0 ? { stateKey: `key${number}` } : {};
      const result = await this.append({
        sender,
        type: 'com.example.bench',
        content: { number },
        ...stateKey,
      });
      if (result.kind !== 'accepted') throw new Error(result.error);
    }
  }

  async stateBack(position: number, repeats: number): Promise<StateBack> {
    const sqlite = new Sqlite(this.ctx.storage);
    const timed = (work: () => void) => {
      const start = performance.now();
      work();
      return performance.now() - start;
    };
    const full = Array.from({ length: repeats }, () => timed(() => stateAt(sqlite, position, 'all')));
    const keys = timed(() => {
      for (let count = 0; count < 100; count += 1) {
        stateEventAt(sqlite, 'com.example.bench', 'key70', position);
      }
    });
    return { events: stateAt(sqlite, position, 'all').length, full, key: keys / 100 };
  }

  async evict(): Promise<void> {
    this.ctx.abort('evicted');
  }
}

let txnIds = 0;

function newTxnId(): string {
  txnIds += 1;
  return String(txnIds);
}

/** Takes what a room tells it, whatever that is. */
export class BenchFollower extends DurableObject {
  async applyRoomDelta(_delta: ServiceDelta): Promise<DeltaResult> {
    return { kind: 'applied' };
  }
}

/** One call of a room, as `{room, method, parameters, countRows}`; or a join of it by way of another server. */
export default {
  async fetch(request: Request, env: Env & { ROOMS: DurableObjectNamespace }): Promise<Response> {
    const call = await request.json<{
      room: string;
      method: string;
      parameters: unknown[];
      countRows: boolean;
      sizeOnly: boolean;
    }>();
    const room = env.ROOMS.getByName(call.room) as unknown as Record<
      string,
      (...parameters: unknown[]) => Promise<unknown>
    >;
    Object.assign(rows, { isCounted: call.countRows, read: 0, written: 0 });
    const start = performance.now();
    const result =
      call.method === 'joinThrough'
        ? await join(env, call.room, call.parameters)
        : await room[call.method]?.(...call.parameters);
    const ms = performance.now() - start;
    const { read, written } = rows;
    rows.isCounted = false;
    const shown = call.sizeOnly ? JSON.stringify(result ?? null).length : (result ?? null);
    return Response.json({ result: shown, ms, read, written } satisfies Omit<Measured, 'cpuMs'>);
  },
};

function join(env: Env, roomId: string, [server, userId]: unknown[]): Promise<string> {
  const parts = { env, config: readConfig(env), stubs: makeStubs(env) };
  const own = { roomId: roomId as RoomId, userId: userId as UserId, content: {} };
  return joinThrough(parts, [server as ServerName], own);
}
