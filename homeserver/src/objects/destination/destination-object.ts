import { DurableObject } from 'cloudflare:workers';
import type { RoomId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import init from '../../../../migrations/objects/destination/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import { sendTransaction } from '../../federation/outbound/send-transaction.ts';
import { addRoom, toldRooms } from '../../storage/destination/rooms.ts';
import type { DestinationHealth, DestinationRpc, Edu, ServerDelta } from '../destination-rpc.ts';
import type { DeltaResult } from '../room-rpc.ts';
import { makeStubs } from '../stubs.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import { CatchUp } from './catch-up.ts';
import { readHealth } from './read-health.ts';
import { type SendProblem, TransactionQueue } from './transaction-queue.ts';

/** The way to one other server, by whose name the object goes. No server holds up another. */
export class DestinationObject extends DurableObject<Env> implements DestinationRpc {
  readonly #sqlite: Sqlite;
  readonly #queue: TransactionQueue;
  readonly #catchUp: CatchUp;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sqlite = new Sqlite(ctx.storage, readConfig(env).meter ? 'DestinationObject' : undefined);
    migrate(this.#sqlite, [init]);
    this.#queue = new TransactionQueue(
      this.#sqlite,
      (txnId, content) => this.transmit(txnId, content),
      () => this.#catchUp.queueSome(),
      readConfig(env).shortBackoff,
    );
    this.#catchUp = new CatchUp(this.#sqlite, this.#queue, (roomId) =>
      makeStubs(env).room(roomId).latestFor(this.#server()),
    );
  }

  async applyRoomDelta(delta: ServerDelta): Promise<DeltaResult> {
    const result = this.#sqlite.transaction(() => applyRoomDelta(this.#sqlite, this.#queue, delta));
    this.#catchUp.noteDelta(delta);
    this.ctx.waitUntil(this.#queue.run());
    return result;
  }

  async enqueueEdus(edus: Edu[]): Promise<void> {
    this.#sqlite.transaction(() => {
      for (const edu of edus) this.#queue.addEdu(edu);
    });
    this.ctx.waitUntil(this.#queue.run());
  }

  async retryNow(): Promise<void> {
    this.ctx.waitUntil(this.#queue.retryNow());
  }

  async learnRoom(roomId: RoomId): Promise<void> {
    addRoom(this.#sqlite, roomId);
  }

  async rooms(): Promise<RoomId[]> {
    return toldRooms(this.#sqlite);
  }

  async health(): Promise<DestinationHealth> {
    return readHealth(this.#sqlite);
  }

  override async alarm(): Promise<void> {
    this.#sqlite.noteAlarm();
    await this.#queue.alarm();
  }

  #server(): string {
    return this.ctx.id.name ?? '';
  }

  protected transmit(txnId: string, content: JsonObject): Promise<SendProblem | undefined> {
    return sendTransaction(this.env, this.#server(), txnId, content);
  }
}
