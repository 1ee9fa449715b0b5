import { WebClient } from '@slack/web-api';
import { REST, Routes } from 'discord.js';
import type { DiscordWorld, SlackWorld } from './networks.ts';

/** A person's own Slack, by the vendor's client: what is done with it carries no app id. */
export function slackClient(world: SlackWorld, person: 'ann' | 'owner' = 'ann'): WebClient {
  return new WebClient(world[person].personalToken, { slackApiUrl: world.simulator.apiUrl });
}

/** Another bot in the guild, by discord.js: to the bridge it is an author like any other. */
export function discordClient(world: DiscordWorld, name = 'Crier'): DiscordVendorClient {
  const bot = world.simulator.createBotApplication({ name });
  world.guild.addBot(bot);
  const rest = new REST({ api: world.simulator.apiUrlUnversioned }).setToken(bot.token);
  const messages = (channelId: string) => Routes.channelMessages(channelId);
  return {
    async post(channelId, body) {
      return (await rest.post(messages(channelId), { body })) as { id: string };
    },
    async edit(channelId, messageId, content) {
      await rest.patch(Routes.channelMessage(channelId, messageId), { body: { content } });
    },
    async remove(channelId, messageId) {
      await rest.delete(Routes.channelMessage(channelId, messageId));
    },
    async react(channelId, messageId, emoji) {
      await rest.put(Routes.channelMessageOwnReaction(channelId, messageId, encodeURIComponent(emoji)));
    },
  };
}

export interface DiscordVendorClient {
  post(
    channelId: string,
    body: { content: string; message_reference?: { message_id: string } },
  ): Promise<{ id: string }>;
  edit(channelId: string, messageId: string, content: string): Promise<void>;
  remove(channelId: string, messageId: string): Promise<void>;
  react(channelId: string, messageId: string, emoji: string): Promise<void>;
}
