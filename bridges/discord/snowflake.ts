import {
  asChatId,
  asMessageId,
  asRemoteUserId,
  type RemoteChatId,
  type RemoteMessageId,
  type RemoteUserId,
} from '../core/remote-ids.ts';

/**
 * Discord's ids, and the names that the bridge gives to chats, messages and users: this file alone makes and
 * reads them. Snowflakes stay strings, since they exceed what a number holds.
 */

declare const brand: unique symbol;
export type Snowflake = string & { readonly [brand]: 'Snowflake' };

const discordEpochMs = 1_420_070_400_000;
const snowflakePattern = /^[1-9][0-9]{0,19}$/;

export function parseSnowflake(value: unknown): Snowflake | undefined {
  return typeof value === 'string' && snowflakePattern.test(value) ? (value as Snowflake) : undefined;
}

/** For ids that Discord itself told. @throws if it is none */
export function snowflake(value: string): Snowflake {
  const parsed = parseSnowflake(value);
  if (!parsed) throw new Error('not a snowflake');
  return parsed;
}

export function snowflakeMs(id: Snowflake): number {
  return Number(BigInt(id) >> 22n) + discordEpochMs;
}

/** The smallest id of that millisecond: for `after=` and `before=`. */
export function snowflakeAt(ms: number): Snowflake {
  const sinceEpochMs = Math.max(Math.floor(ms) - discordEpochMs, 1);
  return (BigInt(sinceEpochMs) << 22n).toString() as Snowflake;
}

/** By age: negative if `a` is older. */
export function compareSnowflakes(a: Snowflake, b: Snowflake): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** A channel or category. */
export function channelChat(channelId: Snowflake): RemoteChatId {
  return asChatId(channelId);
}

/** A guild has ids in common with its first channel, hence the prefix. */
export function guildChat(guildId: Snowflake): RemoteChatId {
  return asChatId(`guild-${guildId}`);
}

export type DiscordChat = { kind: 'guild' | 'channel'; id: Snowflake };

/** @throws if the id was not made here */
export function parseChat(chatId: RemoteChatId): DiscordChat {
  const match = /^(guild-)?([0-9]+)$/.exec(chatId);
  return { kind: match?.[1] ? 'guild' : 'channel', id: snowflake(match?.[2] ?? '') };
}

/** To do anything with a message one must know its channel, or for one in a thread the thread. */
export interface DiscordMessageId {
  channelId: Snowflake;
  messageId: Snowflake;
}

export function messageName({ channelId, messageId }: DiscordMessageId): RemoteMessageId {
  return asMessageId(`${channelId}/${messageId}`);
}

/** @throws if the id was not made here */
export function parseMessageName(name: RemoteMessageId): DiscordMessageId {
  const [channelId, messageId] = name.split('/');
  return { channelId: snowflake(channelId ?? ''), messageId: snowflake(messageId ?? '') };
}

/** The message that began a thread: a public thread has that message's id. */
export function threadRootName(parentId: Snowflake, threadId: Snowflake): RemoteMessageId {
  return messageName({ channelId: parentId, messageId: threadId });
}

export function userName(userId: Snowflake): RemoteUserId {
  return asRemoteUserId(userId);
}

/** @throws if the id was not made here */
export function parseUserName(userId: RemoteUserId): Snowflake {
  return snowflake(userId);
}
