import type { Webhook, World } from '../world.ts';
import { renderUser } from './render-user.ts';

/** `withUser` is how a bot lists webhooks; by token alone the maker stays unnamed. */
export function renderWebhook(world: World, webhook: Webhook, withUser: boolean): Record<string, unknown> {
  const creator = world.users.get(webhook.creatorId);
  return {
    application_id: webhook.applicationId,
    avatar: webhook.avatar,
    channel_id: webhook.channelId,
    guild_id: webhook.guildId,
    id: webhook.id,
    name: webhook.name,
    type: 1,
    ...(withUser && creator ? { user: renderUser(creator) } : {}),
    token: webhook.token,
    url: `https://discord.com/api/webhooks/${webhook.id}/${webhook.token}`,
  };
}
