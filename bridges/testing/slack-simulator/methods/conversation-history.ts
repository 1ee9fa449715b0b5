import { renderMessage, repliesTo } from '../render/render-message.ts';
import { SlackApiError } from '../slack-api-error.ts';
import { microsFromTs, tsFromMicros } from '../timestamps.ts';
import { requireChannelScope, visibleChannel, type WebApiCall, type WebApiMethod } from '../web-api-call.ts';
import type { Channel, Message } from '../world.ts';

const historyScopes = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

interface TimeRange {
  contains: (ts: string) => boolean;
}

function bound(call: WebApiCall, name: 'oldest' | 'latest'): bigint | undefined {
  const text = call.args.optional(name);
  if (text === undefined) return undefined;
  const micros = microsFromTs(text);
  if (micros === undefined) throw new SlackApiError(`invalid_ts_${name}`);
  return micros;
}

/** `inclusive` counts only for bounds that were given. */
function timeRange(call: WebApiCall): TimeRange {
  const oldest = bound(call, 'oldest');
  const latest = bound(call, 'latest');
  const slack = call.args.flag('inclusive') ? 0n : 1n;
  return {
    contains: (ts) => {
      const micros = microsFromTs(ts) ?? 0n;
      if (oldest !== undefined && micros < oldest + slack) return false;
      return latest === undefined || micros <= latest - slack;
    },
  };
}

/** The cursor names the next message, so that new ones in between do not shift the pages. */
function cursorTo(message: Message): string {
  return Buffer.from(`next_ts:${String(microsFromTs(message.ts))}`).toString('base64');
}

function cursorMicros(call: WebApiCall): bigint | undefined {
  const cursor = call.args.optional('cursor');
  if (cursor === undefined) return undefined;
  const match = /^next_ts:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
  if (!match?.[1]) throw new SlackApiError('invalid_cursor');
  return BigInt(match[1]);
}

/** Reads on a bot's token need membership; a person may read every public channel. */
function readableChannel(call: WebApiCall): Channel {
  const channel = visibleChannel(call);
  requireChannelScope(call.token, channel, 'history');
  if (call.token.kind === 'bot' && !channel.members.has(call.token.userId)) {
    throw new SlackApiError('not_in_channel');
  }
  return channel;
}

function render(call: WebApiCall, channel: Channel, message: Message): Record<string, unknown> {
  const metadata = call.args.flag('include_all_metadata');
  return renderMessage(call.world, call.team, channel, message, { metadata });
}

function isTopLevel(message: Message): boolean {
  return !message.threadTs || message.threadTs === message.ts || message.subtype === 'thread_broadcast';
}

function newestFirst(messages: Message[]): Message[] {
  return messages.sort((a, b) => ((microsFromTs(a.ts) ?? 0n) > (microsFromTs(b.ts) ?? 0n) ? -1 : 1));
}

export const conversationHistoryMethods: Record<string, WebApiMethod> = {
  'conversations.history': {
    scopes: historyScopes,
    tier: 3,
    run: (call) => {
      const channel = readableChannel(call);
      const range = timeRange(call);
      const from = cursorMicros(call);
      const limit = Math.min(Math.max(call.args.integer('limit', 100), 1), 999);
      const all = newestFirst(
        [...channel.messages.values()].filter(
          (message) =>
            isTopLevel(message) &&
            range.contains(message.ts) &&
            (from === undefined || (microsFromTs(message.ts) ?? 0n) <= from),
        ),
      );
      const next = all[limit];
      const oldest = call.args.optional('oldest');
      const latest = call.args.optional('latest');
      return {
        messages: all.slice(0, limit).map((message) => render(call, channel, message)),
        has_more: next !== undefined,
        pin_count: 0,
        channel_actions_ts: null,
        channel_actions_count: 0,
        ...(oldest ? { oldest: fullTs(oldest) } : {}),
        ...(latest ? { latest: fullTs(latest) } : {}),
        ...(next ? { response_metadata: { next_cursor: cursorTo(next) } } : {}),
      };
    },
  },
  'conversations.replies': {
    scopes: historyScopes,
    tier: 3,
    run: (call) => {
      const channel = readableChannel(call);
      const parent = channel.messages.get(call.args.required('ts'));
      if (!parent) throw new SlackApiError('thread_not_found');
      const range = timeRange(call);
      const from = cursorMicros(call);
      const limit = Math.min(Math.max(call.args.integer('limit', 1000), 1), 1000);
      const all = repliesTo(channel, parent.ts).filter(
        (message) =>
          range.contains(message.ts) && (from === undefined || (microsFromTs(message.ts) ?? 0n) >= from),
      );
      // The parent heads every page, and is not counted.
      const next = all[limit];
      return {
        messages: [parent, ...all.slice(0, limit)].map((message) => render(call, channel, message)),
        has_more: next !== undefined,
        ...(next ? { response_metadata: { next_cursor: cursorTo(next) } } : {}),
      };
    },
  },
};

function fullTs(ts: string): string {
  return tsFromMicros(microsFromTs(ts) ?? 0n);
}
