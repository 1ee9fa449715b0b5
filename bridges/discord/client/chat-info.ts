import { ChannelType } from 'discord-api-types/v10';
import type { RemoteChatInfo } from '../../core/network-client.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import { plainName } from '../convert/names.ts';
import type { DiscordChannel } from '../rest/answers.ts';
import { channelChat, guildChat, parseChat } from '../snowflake.ts';
import { iconUrl } from './cdn.ts';
import type { DiscordSession } from './discord-session.ts';

/** A guild is a space, a category a space in it, a channel a room in either. */
export async function chatInfo(session: DiscordSession, chatId: RemoteChatId): Promise<RemoteChatInfo> {
  const chat = parseChat(chatId);
  if (chat.kind === 'channel') return channelInfo(await session.api.getChannel(chat.id));
  const guild = await session.api.getGuild(chat.id);
  return {
    kind: 'space',
    name: plainName(guild.name) || 'Discord server',
    externalUrl: `https://discord.com/channels/${guild.id}`,
    ...(guild.icon ? { avatarUrl: iconUrl(session.env, guild.id, guild.icon), avatarId: guild.icon } : {}),
  };
}

function channelInfo(channel: DiscordChannel): RemoteChatInfo {
  const isCategory = channel.type === ChannelType.GuildCategory;
  const parent = channel.parent_id
    ? channelChat(channel.parent_id)
    : channel.guild_id && guildChat(channel.guild_id);
  return {
    kind: isCategory ? 'space' : 'channel',
    name: plainName(channel.name ?? '') || 'channel',
    ...(channel.topic ? { topic: channel.topic.slice(0, 4_000) } : {}),
    ...(parent ? { parent } : {}),
    // Channels without category come before the categories.
    order: `${isCategory ? 'c' : 'b'}${String(Math.max(0, channel.position)).padStart(5, '0')}`,
    ...(channel.guild_id
      ? { externalUrl: `https://discord.com/channels/${channel.guild_id}/${channel.id}` }
      : {}),
  };
}
