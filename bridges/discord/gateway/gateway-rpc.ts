import type { Snowflake } from '../snowflake.ts';
import type { GatewayOwner } from './storage/session.ts';
import type { SealedWebhook } from './storage/webhooks.ts';

/** What a `DiscordGatewayObject` offers. One per application, named by its id. */
export interface GatewayRpc {
  /** Connects as this bot from now on, and brings all rooms into line. Durable when it returns. */
  start(owner: GatewayOwner): Promise<void>;
  stop(): Promise<void>;
  /** For the clock: goes on if something stands still. */
  watch(): Promise<WatchReport>;
  /** Everything up to `seenId` is with the portal. */
  seen(channelId: Snowflake, seenId: Snowflake): Promise<void>;
  /**
   * Discord had nothing newer than what was reported as seen, when `lastId` was the newest told of.
   * @returns nothing if that is all, else the newest message of now: look again
   */
  caughtUp(channelId: Snowflake, lastId: Snowflake | undefined): Promise<Snowflake | undefined>;
  status(): Promise<GatewayStatus>;
  webhookOf(channelId: Snowflake): Promise<SealedWebhook | undefined>;
  putWebhook(channelId: Snowflake, webhook: SealedWebhook): Promise<void>;
  /** Discord does not know it any more. */
  dropWebhook(channelId: Snowflake, webhookId: Snowflake): Promise<void>;
}

export interface WatchReport {
  /** Connected now, or not long ago. */
  isHealthy: boolean;
  /** What has to be fetched. */
  missed: MissedChannel[];
}

export interface MissedChannel extends GatewayOwner {
  channelId: Snowflake;
  /** The channel that has the room: for a thread its parent. */
  roomChannelId: Snowflake;
  isThread: boolean;
  guildId: Snowflake;
  /** The newest message that the portal has. */
  seenId: Snowflake | undefined;
  /** The newest one that Discord told of. */
  lastId: Snowflake | undefined;
}

export interface GatewayStatus {
  connection: 'waiting' | 'connecting' | 'handshaking' | 'live' | 'stopped' | 'none';
  /** Discord's close code, if it wants no further connection. */
  stopCode: number | undefined;
  lastAckMs: number | undefined;
  identifiesLeft: number;
  guilds: number;
  channels: number;
  behind: number;
}
