import { MessageType } from 'discord-api-types/v10';
import { isJsonObject } from '../../matrix/json.ts';
import { hashOf } from '../core/hash.ts';
import type { RemoteEdit, RemoteMessage, RemoteSender } from '../core/remote-event.ts';
import { plainName } from './convert/names.ts';
import type { RawDiscordMessage } from './rest/answers.ts';
import {
  channelChat,
  messageName,
  parseSnowflake,
  type Snowflake,
  snowflakeMs,
  threadRootName,
  userName,
} from './snowflake.ts';

/** Who reads, and where a message stands. */
export interface MessagePlace {
  applicationId: Snowflake;
  botUserId: Snowflake;
  /** The channel that has the room: for a thread its parent. */
  channelId: Snowflake;
  threadId: Snowflake | undefined;
  guildId: Snowflake;
}

/** @returns nothing for what has no place in the room */
export function remoteMessage(raw: RawDiscordMessage, place: MessagePlace): RemoteMessage | undefined {
  const sender = senderOf(raw);
  // The first message of a thread stands in the channel already.
  if (!sender || raw.type === MessageType.ThreadStarterMessage) return undefined;
  const replyTo = raw.type === MessageType.Reply ? referenceOf(raw) : undefined;
  return {
    kind: 'message',
    chatId: channelChat(place.channelId),
    messageId: nameOf(raw, place),
    timestampMs: snowflakeMs(raw.id),
    sender,
    ...(place.threadId ? { threadRoot: threadRootName(place.channelId, place.threadId) } : {}),
    ...(replyTo ? { replyTo } : {}),
    ...(sender.userId === userName(place.botUserId) && typeof raw.nonce === 'string'
      ? { mark: raw.nonce }
      : {}),
    // Messages that the REST API tells lack their guild.
    raw: { ...raw, guild_id: place.guildId },
  };
}

/** @returns nothing for updates that are no edit that we could show */
export function remoteEdit(raw: RawDiscordMessage, place: MessagePlace): RemoteEdit | undefined {
  const sender = senderOf(raw);
  if (!sender || typeof raw.content !== 'string') return undefined;
  const edited = typeof raw.edited_timestamp === 'string' ? raw.edited_timestamp : '';
  return {
    kind: 'edit',
    chatId: channelChat(place.channelId),
    messageId: nameOf(raw, place),
    // Previews arrive without being edits, so the time alone does not tell versions apart.
    version: hashOf(edited, JSON.stringify([raw.content, raw.embeds, raw.attachments])).slice(0, 16),
    timestampMs: Date.parse(edited) || snowflakeMs(raw.id),
    sender,
    raw: { ...raw, guild_id: place.guildId },
  };
}

/** A post of ours by webhook. As the bot we are known by the nonce, and may share the account with others. */
export function isOwnWebhookPost(raw: RawDiscordMessage, applicationId: Snowflake): boolean {
  return typeof raw.webhook_id === 'string' && raw.application_id === applicationId;
}

function senderOf({ author, webhook_id: webhookId, application_id: applicationId }: RawDiscordMessage) {
  if (!isJsonObject(author)) return undefined;
  const id = parseSnowflake(author.id);
  if (!id) return undefined;
  const sender: RemoteSender = { userId: userName(id) };
  // Answers to commands carry the bot's own name under its application as webhook.
  if (typeof webhookId !== 'string' || webhookId === applicationId || typeof author.username !== 'string') {
    return sender;
  }
  return { ...sender, as: { name: plainName(author.username) || 'Webhook' } };
}

/** A thread without first message is announced by one: that takes its place. */
function nameOf(raw: RawDiscordMessage, place: MessagePlace) {
  if (raw.type === MessageType.ThreadCreated && isJsonObject(raw.message_reference)) {
    const threadId = parseSnowflake(raw.message_reference.channel_id);
    if (threadId && threadId !== raw.channel_id) return threadRootName(place.channelId, threadId);
  }
  return messageName({ channelId: raw.channel_id, messageId: raw.id });
}

function referenceOf(raw: RawDiscordMessage) {
  if (!isJsonObject(raw.message_reference)) return undefined;
  const channelId = parseSnowflake(raw.message_reference.channel_id);
  const messageId = parseSnowflake(raw.message_reference.message_id);
  return channelId && messageId ? messageName({ channelId, messageId }) : undefined;
}
