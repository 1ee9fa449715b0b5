import type { SendTarget } from '../../core/network-client.ts';
import type { RemoteMessageId } from '../../core/remote-ids.ts';
import type { ChangeOutcome } from '../../core/send-outcome.ts';
import type { DiscordPart } from '../convert/event-to-discord.ts';
import { parseMessage } from '../discord-message.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { type DiscordMessageId, parseChat, parseMessageName, type Snowflake } from '../snowflake.ts';
import { allowedMentions } from './allowed-mentions.ts';
import type { DiscordSession } from './discord-session.ts';
import { changeOutcome } from './outcomes.ts';
import { replyLineOf } from './reply-line.ts';
import { asBot } from './send-post.ts';
import type { Webhooks } from './webhooks.ts';

/** Stands in a post that an edit leaves without text: deleting it would delete the message in the room. */
const nothingLeft = '-# (edited)';
const notOurWebhooks = [errorCode.unknownMessage, errorCode.unknownWebhook, errorCode.invalidWebhookToken];

/** What no longer fits into the posts that are there is cut off: posts have their order, and others follow. */
export async function editPosts(
  session: DiscordSession,
  webhooks: Webhooks,
  messageIds: readonly RemoteMessageId[],
  parts: readonly DiscordPart[],
  target: SendTarget,
): Promise<ChangeOutcome> {
  for (const [index, messageId] of messageIds.entries()) {
    const isLast = index === messageIds.length - 1;
    const part = parts[index] ?? { kind: 'text', content: nothingLeft, mentions: [] };
    const isCut = isLast && parts.length > messageIds.length;
    const shown = isCut ? { ...part, content: `${part.content} …` } : part;
    const edited = await changeOutcome(
      editPost(session, webhooks, parseMessageName(messageId), shown, target),
    );
    if (edited.kind !== 'done') return edited;
  }
  return { kind: 'done' };
}

async function editPost(
  session: DiscordSession,
  webhooks: Webhooks,
  { channelId, messageId }: DiscordMessageId,
  part: DiscordPart,
  target: SendTarget,
): Promise<void> {
  const { id: roomChannelId } = parseChat(target.chatId);
  const threadId = threadOf(channelId, roomChannelId);
  const webhook = await webhooks.find(roomChannelId);
  const allowed = { allowed_mentions: allowedMentions(part.mentions) };
  if (webhook) {
    try {
      const old = parseMessage(await session.api.getMessage(channelId, messageId));
      const content = replyLineOf(old.content) + part.content;
      await session.api.updateWebhookMessage(webhook, threadId, messageId, { content, ...allowed });
      return;
    } catch (error) {
      if (!refusedWith(error, ...notOurWebhooks)) throw error;
    }
  }
  await session.api.updateMessage(channelId, messageId, { content: asBot(part, target), ...allowed });
}

/** Ours by webhook or as the bot; others' if the bot may moderate. */
export function removePost(
  session: DiscordSession,
  webhooks: Webhooks,
  name: RemoteMessageId,
  roomChannelId: Snowflake,
): Promise<ChangeOutcome> {
  const { channelId, messageId } = parseMessageName(name);
  const remove = async () => {
    const webhook = await webhooks.find(roomChannelId);
    if (webhook) {
      try {
        await session.api.deleteWebhookMessage(webhook, threadOf(channelId, roomChannelId), messageId);
        return;
      } catch (error) {
        if (!refusedWith(error, ...notOurWebhooks, errorCode.cannotEditOthersMessage)) throw error;
      }
    }
    await session.api.deleteMessage(channelId, messageId);
  };
  return changeOutcome(remove(), errorCode.unknownMessage, errorCode.unknownChannel);
}

function threadOf(channelId: Snowflake, roomChannelId: Snowflake): Snowflake | undefined {
  return channelId === roomChannelId ? undefined : channelId;
}
