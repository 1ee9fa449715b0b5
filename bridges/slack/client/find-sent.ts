import type { SendTarget } from '../../core/network-client.ts';
import type { RemoteMessageId } from '../../core/remote-ids.ts';
import { type FindOutcome, RetryLater } from '../../core/send-outcome.ts';
import type { SlackPart } from '../convert/event-to-slack.ts';
import { messageIdOf, parseChatId, tsOfMs } from '../slack-ids.ts';
import { markOfMessage, parseMessage, type SlackMessage } from '../slack-message.ts';
import { historySchema } from './history.ts';
import { threadOf } from './post-text.ts';
import type { SlackSession } from './slack-client.ts';

/** How far Slack's clock may be behind ours. */
const maxSkewMs = 60_000;
const maxPages = 10;

/** Looks through what was posted since for our post: by its mark, or a file by its sender and name. */
export async function findSent(
  session: SlackSession,
  part: SlackPart,
  target: SendTarget,
  sinceMs: number,
  isKnown: (messageId: RemoteMessageId) => boolean,
): Promise<FindOutcome> {
  const { channelId = '' } = parseChatId(target.chatId);
  const isOurs = (message: SlackMessage) =>
    part.kind === 'text'
      ? markOfMessage(message) === target.mark
      : message.user === session.userId &&
        message.files?.some((file) => file.name === part.fileName) === true &&
        !isKnown(messageIdOf(session.teamId, channelId, message.ts));
  try {
    for await (const message of postedSince(session, channelId, target, sinceMs)) {
      if (isOurs(message))
        return { kind: 'found', messageId: messageIdOf(session.teamId, channelId, message.ts) };
    }
    return { kind: 'absent' };
  } catch (error) {
    if (error instanceof RetryLater) return { kind: 'retry', afterMs: error.afterMs };
    throw error;
  }
}

async function* postedSince(
  session: SlackSession,
  channelId: string,
  target: SendTarget,
  sinceMs: number,
): AsyncGenerator<SlackMessage> {
  const { thread_ts: threadTs } = threadOf(target);
  const method = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const args = {
    channel: channelId,
    ...(threadTs === undefined ? {} : { ts: threadTs }),
    oldest: tsOfMs(sinceMs - maxSkewMs),
    limit: 200,
    include_all_metadata: true,
  };
  let cursor = '';
  for (let page = 0; page < maxPages; page++) {
    const answer = await session.api.read(method, historySchema, { ...args, ...(cursor ? { cursor } : {}) });
    for (const value of answer.messages) {
      const message = parseMessage(value);
      if (message) yield message;
    }
    cursor = answer.response_metadata?.next_cursor ?? '';
    if (!answer.has_more || cursor === '') return;
  }
  throw new RetryLater(30_000, 'too many messages to look through');
}
