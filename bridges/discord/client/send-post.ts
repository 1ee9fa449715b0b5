import type { MatrixConversion, SendTarget } from '../../core/network-client.ts';
import { RetryLater, type SendOutcome } from '../../core/send-outcome.ts';
import { escapeMarkdown } from '../convert/escape-markdown.ts';
import { type DiscordPart, maxFileBytes } from '../convert/event-to-discord.ts';
import type { RawDiscordMessage } from '../rest/answers.ts';
import type { NewFile, NewMessage, Webhook } from '../rest/discord-api.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { messageName, parseMessageName } from '../snowflake.ts';
import { allowedMentions } from './allowed-mentions.ts';
import type { DiscordSession } from './discord-session.ts';
import { sendOutcome } from './outcomes.ts';
import { makeThread, postTarget } from './post-target.ts';
import { replyLine } from './reply-line.ts';
import { webhookAvatar, webhookUsername } from './sender-name.ts';
import type { Webhooks } from './webhooks.ts';

/**
 * Posts under the name and picture of the Matrix user by the channel's webhook; where the bot may not have
 * one, as the bot. Only what Discord certainly did not accept is tried again here: in a thread that has to
 * be made first, or by a new webhook when ours was deleted.
 */
export async function sendPost(
  session: DiscordSession,
  webhooks: Webhooks,
  part: DiscordPart,
  target: SendTarget,
  context: MatrixConversion,
): Promise<SendOutcome> {
  try {
    const files = part.kind === 'file' ? [await loadFile(part, context)] : [];
    const sent = await post(session, webhooks, part, target, files, {});
    return { kind: 'sent', messageId: messageName({ channelId: sent.channel_id, messageId: sent.id }) };
  } catch (error) {
    if (error instanceof FileTooLarge) {
      return { kind: 'failed', reason: 'too_large', notice: 'The file is too large for Discord.' };
    }
    if (error instanceof RetryLater) return { kind: 'retry', afterMs: error.afterMs, reason: error.message };
    return sendOutcome(error);
  }
}

interface Tried {
  thread?: true;
  webhook?: true;
}

async function post(
  session: DiscordSession,
  webhooks: Webhooks,
  part: DiscordPart,
  target: SendTarget,
  files: NewFile[],
  tried: Tried,
): Promise<RawDiscordMessage> {
  const { channelId, threadId } = postTarget(target);
  const webhook = await webhooks.ensure(channelId);
  try {
    return webhook
      ? await postByWebhook(session, webhook, part, target, files)
      : await postAsBot(session, part, target, files);
  } catch (error) {
    if (threadId && !tried.thread && refusedWith(error, errorCode.unknownChannel)) {
      await makeThread(session, channelId, threadId);
      return post(session, webhooks, part, target, files, { ...tried, thread: true });
    }
    const isDead = refusedWith(error, errorCode.unknownWebhook, errorCode.invalidWebhookToken);
    if (!webhook || tried.webhook || !isDead) throw error;
    await webhooks.forget(channelId, webhook);
    return post(session, webhooks, part, target, files, { ...tried, webhook: true });
  }
}

async function postByWebhook(
  session: DiscordSession,
  webhook: Webhook,
  part: DiscordPart,
  target: SendTarget,
  files: NewFile[],
) {
  const avatar = webhookAvatar(session, target.sender);
  const message: NewMessage = {
    ...contentOf((await replyLine(session, target, part.mentions)) + part.content),
    username: webhookUsername(target.sender),
    ...(avatar ? { avatar_url: avatar } : {}),
    allowed_mentions: allowedMentions(part.mentions),
  };
  return session.api.executeWebhook(webhook, postTarget(target).threadId, message, files);
}

async function postAsBot(session: DiscordSession, part: DiscordPart, target: SendTarget, files: NewFile[]) {
  const { channelId, threadId } = postTarget(target);
  const reply = target.replyTo && parseMessageName(target.replyTo.messageId);
  const message: NewMessage = {
    ...contentOf(asBot(part, target)),
    allowed_mentions: allowedMentions(part.mentions),
    // Discord answers a repetition within some minutes with the post that is there.
    nonce: target.mark,
    enforce_nonce: true,
    ...(reply ? { message_reference: { message_id: reply.messageId, fail_if_not_exists: false } } : {}),
  };
  return session.api.createMessage(threadId ?? channelId, message, files);
}

/** The bot speaks for others, so it says for whom. */
export function asBot(part: DiscordPart, { sender }: Pick<SendTarget, 'sender'>): string {
  return `**${escapeMarkdown(webhookUsername(sender))}:** ${part.content}`.trimEnd();
}

function contentOf(content: string): { content?: string } {
  return content === '' ? {} : { content };
}

class FileTooLarge extends Error {}

/** @throws RetryLater if the homeserver does not give it now: nothing has been posted yet */
async function loadFile(part: DiscordPart & { kind: 'file' }, context: MatrixConversion): Promise<NewFile> {
  let bytes: ArrayBuffer;
  try {
    const download = await context.download(part.mxc);
    if (Number(download.headers.get('content-length') ?? 0) > maxFileBytes) {
      await download.body?.cancel();
      throw new FileTooLarge();
    }
    bytes = await download.arrayBuffer();
  } catch (error) {
    if (error instanceof FileTooLarge) throw error;
    throw new RetryLater(5_000, 'the file cannot be read');
  }
  if (bytes.byteLength > maxFileBytes) throw new FileTooLarge();
  return { name: part.fileName, bytes: new Blob([bytes], { type: part.contentType }) };
}
