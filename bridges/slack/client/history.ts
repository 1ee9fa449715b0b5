import * as v from 'valibot';
import type { RemoteEvent, RemoteMessage } from '../../core/remote-event.ts';
import type { RemoteChatId, RemoteMessageId } from '../../core/remote-ids.ts';
import { isSpoken, reactionsOf, remoteEditOf, remoteMessageOf } from '../remote-message-of.ts';
import { compareTs, isSlackTs, parseChatId, parseMessageId } from '../slack-ids.ts';
import { parseMessage, type SlackMessage } from '../slack-message.ts';
import type { SlackSession } from './slack-client.ts';
import { refusedWith } from './slack-error.ts';

export const historySchema = v.object({
  messages: v.array(v.unknown()),
  has_more: v.fallback(v.optional(v.boolean(), false), false),
  response_metadata: v.fallback(v.optional(v.object({ next_cursor: v.optional(v.string(), '') })), undefined),
});

const parentSchema = v.object({
  ts: v.custom<string>(isSlackTs),
  reply_count: v.pipe(v.number(), v.minValue(1)),
  latest_reply: v.custom<string>(isSlackTs),
});

/** Threads whose newest replies come with the first history, each one call. */
const maxThreads = 5;
const maxReplies = 20;

/** The newest messages of a conversation with their reactions and the newest replies, oldest first. */
export async function recentEvents(
  session: SlackSession,
  chatId: RemoteChatId,
  limit: number,
): Promise<RemoteEvent[]> {
  const { channelId } = parseChatId(chatId);
  if (channelId === undefined) return [];
  const args = { channel: channelId, limit, include_all_metadata: true };
  const { messages } = await session.api.read('conversations.history', historySchema, args);
  const replies = await repliesAfter(session, channelId, messages, '0.000000');
  return eventsOf(session, channelId, [...messages, ...replies]);
}

/** The newest replies to those messages that have been answered since. */
export async function repliesAfter(
  session: SlackSession,
  channelId: string,
  messages: readonly unknown[],
  sinceTs: string,
): Promise<unknown[]> {
  const parents = messages.flatMap((message) => {
    const parent = v.safeParse(parentSchema, message);
    return parent.success && compareTs(parent.output.latest_reply, sinceTs) > 0 ? [parent.output.ts] : [];
  });
  const replies: unknown[] = [];
  for (const ts of parents.slice(0, maxThreads)) {
    const args = { channel: channelId, ts, oldest: sinceTs, limit: 1000, include_all_metadata: true };
    const thread = await session.api.read('conversations.replies', historySchema, args);
    replies.push(...thread.messages.slice(-maxReplies));
  }
  return replies;
}

/** Messages as remote events in order of time, each once, with what became of it since. */
export function eventsOf(
  session: SlackSession,
  channelId: string,
  messages: readonly unknown[],
): RemoteEvent[] {
  const byTs = new Map<string, SlackMessage>();
  for (const value of messages) {
    const message = parseMessage(value);
    if (message && isSpoken(message)) byTs.set(message.ts, message);
  }
  return [...byTs.values()]
    .sort((a, b) => compareTs(a.ts, b.ts))
    .flatMap((message) => [
      remoteMessageOf(session.teamId, channelId, message),
      ...(message.edited ? [remoteEditOf(session.teamId, channelId, message, message.edited.ts)] : []),
      ...reactionsOf(session.teamId, channelId, message),
    ]);
}

/** One message, wherever it stands: replies are not in the channel's history. */
export async function fetchMessage(
  session: SlackSession,
  messageId: RemoteMessageId,
): Promise<RemoteMessage | undefined> {
  const { channelId, ts } = parseMessageId(messageId);
  for (const [method, extra] of [
    ['conversations.history', {}],
    ['conversations.replies', { ts }],
  ] as const) {
    const args = { channel: channelId, oldest: ts, latest: ts, inclusive: true, limit: 10, ...extra };
    try {
      const { messages } = await session.api.read(method, historySchema, {
        ...args,
        include_all_metadata: true,
      });
      const found = messages.map(parseMessage).find((message) => message?.ts === ts);
      if (found && isSpoken(found)) return remoteMessageOf(session.teamId, channelId, found);
    } catch (error) {
      if (!refusedWith(error, 'thread_not_found', 'message_not_found', 'channel_not_found')) throw error;
    }
  }
  return undefined;
}
