import type { SendTarget } from '../../core/network-client.ts';
import type { RemoteMessageId } from '../../core/remote-ids.ts';
import { type FindOutcome, RetryLater } from '../../core/send-outcome.ts';
import type { DiscordPart } from '../convert/event-to-discord.ts';
import { type DiscordMessage, parseMessage } from '../discord-message.ts';
import { isOwnWebhookPost } from '../remote-events.ts';
import type { RawDiscordMessage } from '../rest/answers.ts';
import { errorCode, refusedWith } from '../rest/discord-error.ts';
import { compareSnowflakes, messageName, snowflakeAt } from '../snowflake.ts';
import type { DiscordSession } from './discord-session.ts';
import { postTarget } from './post-target.ts';
import { asBot } from './send-post.ts';
import { webhookUsername } from './sender-name.ts';

/** How far Discord's clock may be behind ours. What is older and ours is in the map. */
const maxSkewMs = 60_000;
const pageSize = 100;
const maxPages = 10;

/**
 * Looks for a post that may or may not have reached Discord. One as the bot carries the mark as its nonce; one
 * by webhook can carry none, and is known by webhook, name and text.
 */
export async function findPost(
  session: DiscordSession,
  part: DiscordPart,
  target: SendTarget,
  sinceMs: number,
  isKnown: (messageId: RemoteMessageId) => boolean,
): Promise<FindOutcome> {
  const { channelId, threadId } = postTarget(target);
  const place = threadId ?? channelId;
  let after = snowflakeAt(sinceMs - maxSkewMs);
  try {
    for (let page = 0; page < maxPages; page++) {
      const newestFirst = await session.api.listMessages(place, { after, limit: String(pageSize) });
      const messages = newestFirst.sort((a, b) => compareSnowflakes(a.id, b.id));
      for (const raw of messages) {
        const messageId = messageName({ channelId: raw.channel_id, messageId: raw.id });
        if (!isKnown(messageId) && isOurs(session, raw, part, target)) return { kind: 'found', messageId };
      }
      const last = messages.at(-1);
      if (!last || messages.length < pageSize) return { kind: 'absent' };
      after = last.id;
    }
    return { kind: 'retry', afterMs: 30_000 };
  } catch (error) {
    if (error instanceof RetryLater) return { kind: 'retry', afterMs: error.afterMs };
    // The thread or channel is not there, and so nothing in it.
    if (refusedWith(error, errorCode.unknownChannel)) return { kind: 'absent' };
    throw error;
  }
}

function isOurs(
  session: DiscordSession,
  raw: RawDiscordMessage,
  part: DiscordPart,
  target: SendTarget,
): boolean {
  const message = parseMessage(raw);
  if (part.kind === 'file' && message.attachments.length === 0) return false;
  if (isOwnWebhookPost(raw, session.applicationId)) {
    const isByName = message.author?.username === webhookUsername(target.sender);
    return isByName && hasText(message, part.content);
  }
  if (message.author?.id !== session.botUserId) return false;
  return raw.nonce === undefined ? hasText(message, asBot(part, target)) : raw.nonce === target.mark;
}

/** A reply has a line before its text. */
function hasText({ content }: DiscordMessage, expected: string): boolean {
  return expected.trim() === '' ? content.trim() === '' : content.trim().endsWith(expected.trim());
}
