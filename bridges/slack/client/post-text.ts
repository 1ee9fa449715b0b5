import * as v from 'valibot';
import type { JsonObject } from '../../../matrix/json.ts';
import type { SendTarget } from '../../core/network-client.ts';
import type { SendOutcome } from '../../core/send-outcome.ts';
import type { SlackPart } from '../convert/event-to-slack.ts';
import { isSlackTs, messageIdOf, parseChatId, parseMessageId } from '../slack-ids.ts';
import { markType } from '../slack-message.ts';
import { sendFailure } from './send-failure.ts';
import type { SlackSession } from './slack-client.ts';

const answerSchema = v.object({
  ts: v.custom<string>(isSlackTs, 'not a timestamp'),
  message: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
});

/** Posts a text as the person, with our mark in its metadata. */
export async function postText(
  session: SlackSession,
  part: SlackPart & { kind: 'text' },
  target: SendTarget,
): Promise<SendOutcome> {
  const { channelId = '' } = parseChatId(target.chatId);
  try {
    const answer = await session.api.call('chat.postMessage', answerSchema, {
      channel: channelId,
      text: part.text,
      blocks: part.blocks,
      unfurl_links: true,
      ...threadOf(target),
      metadata: { event_type: markType, event_payload: { id: target.mark } },
    });
    const messageId = messageIdOf(session.teamId, channelId, answer.ts);
    return answer.message
      ? { kind: 'sent', messageId, raw: { ...(answer.message as JsonObject), ts: answer.ts } }
      : { kind: 'sent', messageId };
  } catch (error) {
    return sendFailure(error);
  }
}

/** A reply to a message outside a thread begins one: Slack has no other replies. */
export function threadOf({ threadRoot, replyTo }: SendTarget): { thread_ts?: string } {
  const root = threadRoot ?? replyTo?.threadRoot ?? replyTo?.messageId;
  return root === undefined ? {} : { thread_ts: parseMessageId(root).ts };
}
