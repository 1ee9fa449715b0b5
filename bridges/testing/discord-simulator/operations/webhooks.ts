import { invalidFormBody, tooManyWebhooks, wrongChannelType } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { intent } from '../gateway/intents.ts';
import { mayView } from '../permissions.ts';
import type { Channel, Webhook } from '../world.ts';

const maxWebhooksPerChannel = 15;

/** @throws DiscordApiError 50035 for names of 0 or more than 80 characters, or with Discord's own names in them. */
export function checkWebhookName(field: 'name' | 'username', name: string): void {
  if (name.trim() === '' || [...name].length > 80) {
    throw invalidFormBody(field, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.');
  }
  const banned = ['discord', 'clyde'].find((word) => name.toLowerCase().includes(word));
  if (banned) {
    throw invalidFormBody(field, 'USERNAME_INVALID_CONTAINS', `Username cannot contain "${banned}"`);
  }
}

/** WEBHOOKS_UPDATE says only that something changed. */
export function announceWebhooks(simulation: Simulation, channel: Channel): void {
  simulation.gateway.dispatch({
    event: 'WEBHOOKS_UPDATE',
    intent: intent.guildWebhooks,
    reaches: (application) => mayView(simulation.world, channel, application.botUserId),
    data: () => ({ guild_id: channel.guildId, channel_id: channel.id }),
  });
}

/** @throws DiscordApiError 30007 for the sixteenth of a channel. */
export function createWebhook(
  simulation: Simulation,
  channel: Channel,
  options: { name: string; applicationId: string | null; creatorId: string },
): Webhook {
  const { world } = simulation;
  if (!channel.guildId || channel.thread) throw wrongChannelType();
  checkWebhookName('name', options.name);
  const there = [...world.webhooks.values()].filter((webhook) => webhook.channelId === channel.id);
  if (there.length >= maxWebhooksPerChannel) throw tooManyWebhooks();
  const webhook: Webhook = {
    id: world.snowflakes.next(),
    token: world.ids.base64url(68),
    channelId: channel.id,
    guildId: channel.guildId,
    name: options.name.trim(),
    avatar: null,
    applicationId: options.applicationId,
    creatorId: options.creatorId,
  };
  world.webhooks.set(webhook.id, webhook);
  announceWebhooks(simulation, channel);
  return webhook;
}

export function deleteWebhook(simulation: Simulation, webhook: Webhook): void {
  simulation.world.webhooks.delete(webhook.id);
  const channel = simulation.world.channels.get(webhook.channelId);
  if (channel) announceWebhooks(simulation, channel);
}
