import {
  badWebhookToken,
  forumNeedsThread,
  invalidFormBody,
  unknownChannel,
  unknownWebhook,
  wrongAuthor,
} from '../discord-api-error.ts';
import { createMessage, deleteMessage, editMessage, requireMessage } from '../operations/messages.ts';
import { createThread } from '../operations/threads.ts';
import { checkWebhookName, createWebhook, deleteWebhook } from '../operations/webhooks.ts';
import { permission } from '../permissions.ts';
import { renderMessage } from '../render/render-message.ts';
import { renderWebhook } from '../render/render-webhook.ts';
import { type Channel, channelType, type Message, type Webhook } from '../world.ts';
import { followUp } from './interaction-routes.ts';
import { messageEditOf, newMessageOf } from './message-body.ts';
import {
  type BotCall,
  noContent,
  ok,
  ownGuild,
  type RestCall,
  type Route,
  requirePermission,
  visibleChannel,
} from './rest-call.ts';

const byToken = '/webhooks/{webhook_id}/{webhook_token}';

/** @throws DiscordApiError 10015 when it was deleted, 50027 when the token is another's. */
function webhookByToken(call: RestCall): Webhook {
  const webhook = call.world.webhooks.get(call.params.webhook_id ?? '');
  if (!webhook) throw unknownWebhook();
  if (webhook.token !== call.params.webhook_token) throw badWebhookToken();
  return webhook;
}

/** A webhook by id alone, for a bot that may manage it. */
function webhookOfBot(call: BotCall): Webhook {
  const webhook = call.world.webhooks.get(call.params.webhook_id ?? '');
  if (!webhook) throw unknownWebhook();
  const channel = call.world.channels.get(webhook.channelId);
  if (channel) requirePermission(call, channel, permission.manageWebhooks);
  return webhook;
}

/** The webhook's channel, or a thread in it. */
function targetChannel(call: RestCall, webhook: Webhook): Channel {
  const parent = call.world.channels.get(webhook.channelId);
  if (!parent) throw unknownChannel();
  const threadId = call.query.get('thread_id');
  if (!threadId) return parent;
  const thread = call.world.channels.get(threadId);
  if (!thread?.thread || thread.parentId !== parent.id) throw unknownChannel();
  return thread;
}

function avatarOf(call: RestCall, webhook: Webhook): string | null {
  const url = call.body.avatar_url;
  if (url === undefined || url === null) return webhook.avatar;
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw invalidFormBody('avatar_url', 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
  }
  if (!/^https?:/.test(url)) {
    const message = `Scheme "${new URL(url).protocol.slice(0, -1)}" must be one of ('http', 'https').`;
    throw invalidFormBody('avatar_url', 'URL_TYPE_INVALID_SCHEME', message);
  }
  // Discord fetches the picture and shows its own copy, by hash.
  return Buffer.from(url).toString('hex').slice(0, 32).padEnd(32, '0');
}

function authorOf(call: RestCall, webhook: Webhook): Message['author'] {
  const username = call.body.username;
  if (typeof username === 'string') checkWebhookName('username', username);
  return {
    kind: 'webhook',
    id: webhook.id,
    username: typeof username === 'string' ? username : webhook.name,
    avatar: avatarOf(call, webhook),
  };
}

function execute(call: RestCall, webhook: Webhook): Message {
  const target = targetChannel(call, webhook);
  const author = authorOf(call, webhook);
  const owner = webhook.applicationId ? { applicationId: webhook.applicationId } : {};
  const content = { ...newMessageOf(call, target), ...owner, author };
  if (target.type !== channelType.forum) return createMessage(call.simulation, target, content);
  const name = call.body.thread_name;
  if (typeof name !== 'string' || name === '') throw forumNeedsThread();
  const options = { name, ownerId: webhook.id, firstMessage: content };
  const thread = createThread(call.simulation, target, options);
  return requireMessage(thread, thread.id);
}

function ownMessage(call: RestCall): { channel: Channel; message: Message; webhook: Webhook } {
  const webhook = webhookByToken(call);
  const channel = targetChannel(call, webhook);
  const message = requireMessage(channel, call.params.message_id ?? '');
  if (message.author.id !== webhook.id) throw wrongAuthor();
  return { channel, message, webhook };
}

export const webhookRoutes: Route[] = [
  {
    operationId: 'list_channel_webhooks',
    method: 'GET',
    path: '/channels/{channel_id}/webhooks',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageWebhooks);
      const there = [...call.world.webhooks.values()].filter((webhook) => webhook.channelId === channel.id);
      return ok(there.map((webhook) => renderWebhook(call.world, webhook, true)));
    },
  },
  {
    operationId: 'create_webhook',
    method: 'POST',
    path: '/channels/{channel_id}/webhooks',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageWebhooks);
      const webhook = createWebhook(call.simulation, channel, {
        name: String(call.body.name ?? ''),
        applicationId: call.application.id,
        creatorId: call.application.botUserId,
      });
      return ok(renderWebhook(call.world, webhook, true));
    },
  },
  {
    operationId: 'get_guild_webhooks',
    method: 'GET',
    path: '/guilds/{guild_id}/webhooks',
    auth: 'bot',
    run: (call) => {
      const guild = ownGuild(call);
      const there = [...call.world.webhooks.values()].filter((webhook) => webhook.guildId === guild.id);
      return ok(there.map((webhook) => renderWebhook(call.world, webhook, true)));
    },
  },
  {
    operationId: 'get_webhook',
    method: 'GET',
    path: '/webhooks/{webhook_id}',
    auth: 'bot',
    run: (call) => ok(renderWebhook(call.world, webhookOfBot(call), true)),
  },
  {
    operationId: 'get_webhook_by_token',
    method: 'GET',
    path: byToken,
    auth: 'path',
    run: (call) => ok(renderWebhook(call.world, webhookByToken(call), false)),
  },
  {
    operationId: 'execute_webhook',
    method: 'POST',
    path: byToken,
    auth: 'path',
    run: (call) => {
      // An application's id in place of a webhook's: the follow-up to an interaction.
      const followedUp = followUp(call);
      if (followedUp) return followedUp;
      const message = execute(call, webhookByToken(call));
      return call.query.get('wait') === 'true' ? ok(renderMessage(call.world, message)) : noContent;
    },
  },
  {
    operationId: 'delete_webhook_by_token',
    method: 'DELETE',
    path: byToken,
    auth: 'path',
    run: (call) => {
      deleteWebhook(call.simulation, webhookByToken(call));
      return noContent;
    },
  },
  {
    operationId: 'delete_webhook',
    method: 'DELETE',
    path: '/webhooks/{webhook_id}',
    auth: 'bot',
    run: (call) => {
      deleteWebhook(call.simulation, webhookOfBot(call));
      return noContent;
    },
  },
  {
    operationId: 'get_webhook_message',
    method: 'GET',
    path: `${byToken}/messages/{message_id}`,
    auth: 'path',
    run: (call) => ok(renderMessage(call.world, ownMessage(call).message)),
  },
  {
    operationId: 'update_webhook_message',
    method: 'PATCH',
    path: `${byToken}/messages/{message_id}`,
    auth: 'path',
    run: (call) => {
      const { channel, message, webhook } = ownMessage(call);
      const edit = messageEditOf(call, channel, message.attachmentIds);
      return ok(
        renderMessage(call.world, editMessage(call.simulation, channel, message.id, edit, webhook.id)),
      );
    },
  },
  {
    operationId: 'delete_webhook_message',
    method: 'DELETE',
    path: `${byToken}/messages/{message_id}`,
    auth: 'path',
    run: (call) => {
      const { channel, message } = ownMessage(call);
      deleteMessage(call.simulation, channel, message.id);
      return noContent;
    },
  },
];
