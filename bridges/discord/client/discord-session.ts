import { type BridgeConfig, readBridgeConfig } from '../../core/config.ts';
import type { Login } from '../../core/logins.ts';
import type { RemoteUserId } from '../../core/remote-ids.ts';
import type { DiscordEnv } from '../discord-env.ts';
import { gatewayOf } from '../gateway/gateway-stub.ts';
import { readCredentials } from '../login/credentials.ts';
import type { MessagePlace } from '../remote-events.ts';
import { type DiscordChannel, type DiscordRole, isThread } from '../rest/answers.ts';
import { DiscordApi } from '../rest/discord-api.ts';
import { type Snowflake, userName } from '../snowflake.ts';

/** What every step of a login's work needs. Lives as long as the client: a minute or so. */
export class DiscordSession {
  readonly env: DiscordEnv;
  readonly config: BridgeConfig;
  readonly api: DiscordApi;
  readonly applicationId: Snowflake;
  readonly botUserId: Snowflake;
  readonly #channels = new Map<Snowflake, Promise<DiscordChannel>>();
  readonly #roles = new Map<Snowflake, Promise<DiscordRole[]>>();

  constructor(env: DiscordEnv, login: Login) {
    const { botToken, applicationId, botUserId } = readCredentials(login);
    this.env = env;
    this.config = readBridgeConfig(env);
    this.applicationId = applicationId;
    this.botUserId = botUserId;
    this.api = new DiscordApi({ apiUrl: env.DISCORD_API_URL, botToken, ownUrl: this.config.publicBaseUrl });
  }

  get gateway() {
    return gatewayOf(this.env, this.applicationId);
  }

  get botName(): RemoteUserId {
    return userName(this.botUserId);
  }

  /** @throws as reading calls do */
  channel(channelId: Snowflake): Promise<DiscordChannel> {
    return once(this.#channels, channelId, () => this.api.getChannel(channelId));
  }

  roles(guildId: Snowflake): Promise<DiscordRole[]> {
    return once(this.#roles, guildId, () => this.api.listGuildRoles(guildId));
  }

  /** @returns nothing for a channel that is in no guild */
  async placeOf(channelId: Snowflake): Promise<MessagePlace | undefined> {
    const channel = await this.channel(channelId);
    const threadId = isThread(channel) ? channelId : undefined;
    const roomChannelId = threadId ? channel.parent_id : channelId;
    if (!channel.guild_id || !roomChannelId) return undefined;
    const { applicationId, botUserId } = this;
    return { applicationId, botUserId, channelId: roomChannelId, threadId, guildId: channel.guild_id };
  }
}

/** A failure is not remembered. */
function once<Value>(
  known: Map<Snowflake, Promise<Value>>,
  id: Snowflake,
  read: () => Promise<Value>,
): Promise<Value> {
  const there = known.get(id);
  if (there) return there;
  const value = read();
  known.set(id, value);
  value.catch(() => known.delete(id));
  return value;
}
