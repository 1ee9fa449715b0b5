import { DurableObject } from 'cloudflare:workers';
import type { ClientEvent } from '../../../matrix/events.ts';
import type { JsonObject } from '../../../matrix/json.ts';
import { DueWork } from '../../../platform/due-work.ts';
import { errorText, log } from '../../../platform/log.ts';
import { openBridge } from '../bridge.ts';
import type { BridgeEnv } from '../bridge-env.ts';
import type { NetworkConnector } from '../network-connector.ts';
import type { EnsureRoomResult, PortalRpc, PortalStatus } from '../portal-rpc.ts';
import type { RemoteEvent } from '../remote-event.ts';
import { asChatId } from '../remote-ids.ts';
import { ensureRoom } from './ensure-room.ts';
import { carryEphemeral } from './ephemeral.ts';
import { drainLane, queueMatrix, queueRemote } from './lane.ts';
import { makePortalContext, type PortalContext } from './portal-context.ts';
import { openPortalStore } from './storage/portal-store.ts';
import { isTransient, retryDelayMs } from './transient.ts';

/** The alarm that finishes what an interrupted drain left. */
const safetyMs = 5_000;
const purgeMs = 24 * 3_600_000;
const purgeMoreMs = 10_000;

/** The class of a network's portals, to be exported by its Worker as `PortalObject`. */
export function portalObjectFor<Env extends BridgeEnv>(connector: NetworkConnector<Env>) {
  return class PortalObject extends DurableObject<Env> implements PortalRpc {
    readonly #portal: PortalContext;
    readonly #due: DueWork;
    #draining: Promise<number | undefined> | undefined;
    #carrying: Promise<unknown> = Promise.resolve();
    #roomBeingMade: Promise<EnsureRoomResult> | undefined;

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env);
      const bridge = openBridge(env, connector);
      const store = openPortalStore(ctx.storage, bridge.config.meter);
      this.#portal = makePortalContext(bridge, asChatId(ctx.id.name ?? ''), store, () => Date.now());
      this.#due = new DueWork(store.sqlite);
    }

    async enqueueRemote(loginId: string, events: RemoteEvent[]): Promise<void> {
      if (queueRemote(this.#portal, loginId, events) > 0) this.#start();
    }

    async enqueueMatrix(events: ClientEvent[]): Promise<void> {
      if (queueMatrix(this.#portal, events) > 0) this.#start();
    }

    async ephemeral(events: JsonObject[]): Promise<void> {
      // One after the other, but without the homeserver waiting for the network.
      this.#carrying = this.#carrying
        .then(() => carryEphemeral(this.#portal, events))
        .then((dueMs) => dueMs !== undefined && this.#due.schedule('readMarks', dueMs));
    }

    ensureRoom(loginId: string): Promise<EnsureRoomResult> {
      this.#roomBeingMade ??= this.#makeRoom(loginId).finally(() => {
        this.#roomBeingMade = undefined;
      });
      return this.#roomBeingMade;
    }

    async status(): Promise<PortalStatus> {
      const { facts, lane } = this.#portal.store;
      return {
        roomId: facts.get().roomId,
        queued: lane.count('queued'),
        parked: lane.count('parked'),
        dead: lane.dead(20),
      };
    }

    override async alarm(): Promise<void> {
      const handlers = {
        lane: () => this.#drain(),
        parked: () => this.#drain(),
        readMarks: () => this.#portal.readMarks.flush(this.#portal),
        purge: () => this.#purge(),
      };
      await this.#due.run(Date.now(), handlers, (work, error) =>
        log('error', 'bridge.alarm_failed', { work, error: errorText(error) }),
      );
    }

    /** Drains at once; the alarm is there in case this object goes away meanwhile. */
    #start(): void {
      this.#due.schedule('lane', Date.now() + safetyMs);
      this.#due.schedule('purge', Date.now() + purgeMs);
      this.#drain().then(
        (dueMs) => dueMs !== undefined && this.#due.schedule('lane', dueMs),
        (error) => log('error', 'bridge.drain_failed', { error: errorText(error) }),
      );
    }

    /** One drain at a time: whoever comes while it runs gets its result. */
    #drain(): Promise<number | undefined> {
      this.#draining ??= drainLane(this.#portal).finally(() => {
        this.#draining = undefined;
        const expiryMs = this.#portal.store.lane.nextExpiryMs();
        if (expiryMs !== undefined) this.#due.schedule('parked', expiryMs);
      });
      return this.#draining;
    }

    async #purge(): Promise<number | undefined> {
      return this.#portal.store.lane.purge(Date.now()) ? Date.now() + purgeMoreMs : undefined;
    }

    async #makeRoom(loginId: string): Promise<EnsureRoomResult> {
      try {
        const open = await this.#portal.logins.get(loginId);
        return { kind: 'room', roomId: await ensureRoom(this.#portal, open) };
      } catch (error) {
        if (!isTransient(error)) throw error;
        return { kind: 'retry', afterMs: retryDelayMs(error, 2), reason: errorText(error) };
      }
    }
  };
}
