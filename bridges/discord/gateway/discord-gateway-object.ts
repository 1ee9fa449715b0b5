import { DurableObject } from 'cloudflare:workers';
import { DueWork } from '../../../platform/due-work.ts';
import { errorText, log } from '../../../platform/log.ts';
import { openBridge } from '../../core/bridge.ts';
import { portalOf } from '../../core/portal-stub.ts';
import { discordConnector } from '../discord-connector.ts';
import type { DiscordEnv } from '../discord-env.ts';
import type { Snowflake } from '../snowflake.ts';
import { GatewayAccount } from './gateway-account.ts';
import { GatewayLink } from './gateway-link.ts';
import { nextTimerMs } from './gateway-protocol.ts';
import type { GatewayRpc, GatewayStatus, WatchReport } from './gateway-rpc.ts';
import { type Dispatch, Intake } from './intake.ts';
import { finishCatchUp, missedChannels } from './missed-channels.ts';
import { openSocket } from './open-socket.ts';
import { isHealthy, readStatus } from './read-status.ts';
import { resyncRooms } from './resync-rooms.ts';
import { type GatewayStore, openGatewayStore } from './storage/gateway-store.ts';
import type { GatewayOwner } from './storage/session.ts';
import type { SealedWebhook } from './storage/webhooks.ts';

/**
 * Holds the gateway's socket of one bot. The socket dies with every deployment and eviction; what is kept is
 * enough to resume, which is the normal way to connect. The heartbeat's alarm keeps the object alive.
 */
export class DiscordGatewayObject extends DurableObject<DiscordEnv> implements GatewayRpc {
  readonly #store: GatewayStore;
  readonly #due: DueWork;
  readonly #account: GatewayAccount;
  readonly #intake: Intake;
  #link: GatewayLink | undefined;

  constructor(ctx: DurableObjectState, env: DiscordEnv) {
    super(ctx, env);
    const bridge = openBridge(env, discordConnector);
    this.#store = openGatewayStore(ctx.storage, bridge.config.meter);
    this.#due = new DueWork(this.#store.sqlite);
    this.#account = new GatewayAccount(bridge, this.#store);
    this.#intake = new Intake({
      store: this.#store,
      now: () => Date.now(),
      enqueue: (chatId, loginId, events) => portalOf(env, chatId).enqueueRemote(loginId, events),
      onResync: () => this.#due.schedule('resync', Date.now()),
      onRefused: () => this.#link?.replay(),
    });
  }

  async start(owner: GatewayOwner): Promise<void> {
    this.#link?.end();
    this.#intake.clear();
    this.#store.session.setOwner(owner);
    this.#store.guilds.forgetSynced();
    this.#store.channels.forgetSynced();
    this.#link = this.#makeLink();
    this.#due.schedule('gateway', Date.now());
  }

  async stop(): Promise<void> {
    this.#link?.end();
    this.#link = undefined;
    this.#intake.clear();
    this.#store.session.clearOwner();
  }

  async watch(): Promise<WatchReport> {
    const dueMs = await this.#tick();
    // An alarm whose handler failed too often is gone for good; this is what the clock is for.
    const isArmed = (await this.ctx.storage.getAlarm()) !== null;
    if (dueMs !== undefined && !isArmed) this.#store.sqlite.setAlarm(dueMs);
    const state = this.#link?.state;
    const healthy = state !== undefined && isHealthy(state, Date.now());
    return { isHealthy: healthy, missed: missedChannels(this.#store) };
  }

  async seen(channelId: Snowflake, seenId: Snowflake): Promise<void> {
    this.#store.channels.setSeen(channelId, seenId);
  }

  async caughtUp(channelId: Snowflake, lastId: Snowflake | undefined): Promise<Snowflake | undefined> {
    return finishCatchUp(this.#store, channelId, lastId);
  }

  async status(): Promise<GatewayStatus> {
    return readStatus(this.#store, this.#link?.state ?? this.#store.session.load());
  }

  async webhookOf(channelId: Snowflake): Promise<SealedWebhook | undefined> {
    return this.#store.webhooks.get(channelId);
  }

  async putWebhook(channelId: Snowflake, webhook: SealedWebhook): Promise<void> {
    this.#store.webhooks.put(channelId, webhook);
  }

  async dropWebhook(channelId: Snowflake, webhookId: Snowflake): Promise<void> {
    this.#store.webhooks.delete(channelId, webhookId);
  }

  override async alarm(): Promise<void> {
    await this.#due.run(
      Date.now(),
      { gateway: () => this.#tick(), resync: () => this.#resync() },
      (work, error) => log('error', 'discord.alarm_failed', { work, error: errorText(error) }),
    );
  }

  /** Connects, beats or does nothing, whatever is due. @returns when the next is */
  async #tick(): Promise<number | undefined> {
    this.#link ??= this.#makeLink();
    this.#link?.input({ kind: 'timer' });
    return this.#link && nextTimerMs(this.#link.state);
  }

  async #resync(): Promise<number | undefined> {
    const hasMore = await resyncRooms(this.#store, Date.now(), (chatId, loginId, events) =>
      portalOf(this.env, chatId).enqueueRemote(loginId, events),
    );
    return hasMore ? Date.now() : undefined;
  }

  /** None without an owner. */
  #makeLink(): GatewayLink | undefined {
    const state = this.#store.session.load();
    if (!state) return undefined;
    const options = {
      session: this.#store.session,
      now: () => Date.now(),
      random: Math.random,
      botToken: () => this.#account.botToken(),
      gatewayUrl: () => this.#account.gatewayUrl(),
      openSocket,
      onDispatch: (dispatch: Dispatch) => this.#take(dispatch),
      onTimer: (dueMs: number) => this.#due.schedule('gateway', dueMs),
      onStopped: (code: number) => this.#inBackground(this.#account.stopped(code)),
    };
    return new GatewayLink(options, state);
  }

  #take(dispatch: Dispatch): void {
    if (dispatch.name === 'READY') this.#inBackground(this.#account.connected());
    this.#intake.take(dispatch);
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error) => log('warn', 'discord.login_not_told', { error: errorText(error) }));
  }
}
