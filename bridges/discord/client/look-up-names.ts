import type { RemoteConversion } from '../../core/network-client.ts';
import { type Names, plainName } from '../convert/names.ts';
import { mentionsIn } from '../convert/rich-text.ts';
import type { DiscordMessage } from '../discord-message.ts';
import { channelChat, type Snowflake, userName } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';
import { userDisplayName } from './user-info.ts';

/** Who is asked about at most: a message of mentions only must not cost a hundred calls. */
const maxLookUps = 20;

/** Names of everybody and everything that the texts mention. What cannot be found stays nameless. */
export async function lookUpNames(
  session: DiscordSession,
  message: DiscordMessage,
  sources: readonly string[],
  context: RemoteConversion,
): Promise<Names> {
  const mentioned = mentionsIn(sources);
  const names: Names = {
    users: new Map(),
    roles: new Map(),
    channels: new Map(),
    serverName: context.serverName,
  };
  const told = new Map(message.mentions.map((user) => [user.id, userDisplayName(user)]));
  for (const id of [...mentioned.user].slice(0, maxLookUps)) {
    const name = told.get(id) ?? (await context.displayNameOf(userName(id)).catch(() => undefined));
    if (name) names.users.set(id, { name, matrixId: await context.userIdOf(userName(id)) });
  }
  if (mentioned.role.size > 0 && message.guild_id) {
    const roles = await session.roles(message.guild_id).catch(() => []);
    for (const { id, name } of roles) if (mentioned.role.has(id)) names.roles.set(id, plainName(name));
  }
  for (const id of [...mentioned.channel].slice(0, maxLookUps)) {
    const channel = await channelNamed(session, context, id);
    if (channel) names.channels.set(id, channel);
  }
  return names;
}

async function channelNamed(session: DiscordSession, context: RemoteConversion, id: Snowflake) {
  const chat = await context.chat(channelChat(id));
  if (chat) return { name: chat.name, roomId: chat.roomId as string };
  const channel = await session.channel(id).catch(() => undefined);
  return channel?.name ? { name: plainName(channel.name), roomId: undefined } : undefined;
}
