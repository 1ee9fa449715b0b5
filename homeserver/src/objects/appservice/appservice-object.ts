import { DurableObject } from 'cloudflare:workers';
import type { Registration } from '../../../../appservice/registration.ts';
import type { DeviceId, UserId } from '../../../../matrix/identifiers.ts';
import type { JsonObject } from '../../../../matrix/json.ts';
import init from '../../../../migrations/objects/appservice/0001-init.sql';
import { Sqlite } from '../../../../platform/sqlite.ts';
import { migrate } from '../../../../platform/sqlite-migrate.ts';
import { readConfig } from '../../config.ts';
import type { Env } from '../../env.ts';
import type { AppserviceHealth, AppserviceRpc } from '../appservice-rpc.ts';
import type { DeltaResult, ServiceDelta } from '../room-rpc.ts';
import type { KeyCounts } from '../user-sync-rpc.ts';
import { applyRoomDelta } from './apply-room-delta.ts';
import { sharesRoomWith } from './companions.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { queueKeyCounts, queueToDevice } from './device-news.ts';
import { readHealth } from './read-health.ts';
import { sendTransaction } from './send-transaction.ts';

/** Queue of one application service, named by the id of its registration. */
export class AppserviceObject extends DurableObject<Env> implements AppserviceRpc {
  readonly #sqlite: Sqlite;
  readonly #queue: DeliveryQueue;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sqlite = new Sqlite(ctx.storage, readConfig(env).meter ? 'AppserviceObject' : undefined);
    migrate(this.#sqlite, [init]);
    this.#queue = new DeliveryQueue(this.#sqlite, ctx.storage, (txnId, body) => this.#send(txnId, body));
  }

  async applyRoomDelta(delta: ServiceDelta): Promise<DeltaResult> {
    const registration = this.#registration();
    if (!registration) return { kind: 'applied' };
    const { serverName } = readConfig(this.env);
    const result = applyRoomDelta(this.#sqlite, this.#queue, registration, serverName, delta, Date.now());
    this.ctx.waitUntil(this.#queue.run());
    return result;
  }

  async enqueueToDevice(messages: JsonObject[]): Promise<void> {
    const registration = this.#registration();
    if (!registration) return;
    queueToDevice(this.#sqlite, this.#queue, messages, registration.deviceNews, Date.now());
    this.ctx.waitUntil(this.#queue.run());
  }

  async tellDeviceList(userId: UserId, whose: 'own' | 'other') {
    if (!this.#registration() || (whose === 'other' && !sharesRoomWith(this.#sqlite, userId))) return;
    this.#queue.add('device_list', { userId }, Date.now());
    this.ctx.waitUntil(this.#queue.run());
  }

  async tellKeyCounts(userId: UserId, deviceId: DeviceId, counts: KeyCounts) {
    if (!this.#registration()) return;
    queueKeyCounts(this.#sqlite, this.#queue, { userId, deviceId, counts }, Date.now());
    this.ctx.waitUntil(this.#queue.run());
  }

  async retryNow(): Promise<void> {
    this.ctx.waitUntil(this.#queue.retryNow());
  }

  async health(): Promise<AppserviceHealth> {
    return readHealth(this.#sqlite);
  }

  override async alarm(): Promise<void> {
    await this.#queue.alarm();
  }

  async #send(txnId: string, body: JsonObject): Promise<string | undefined> {
    const registration = this.#registration();
    if (!registration) return 'the registration has no url any more';
    return sendTransaction(this.env, readConfig(this.env), registration, txnId, body);
  }

  /** Absent if the service was removed or wants no traffic. */
  #registration(): (Registration & { url: string }) | undefined {
    const found = readConfig(this.env).registrations.find(({ id }) => id === this.ctx.id.name);
    return found?.url === undefined ? undefined : { ...found, url: found.url };
  }
}
