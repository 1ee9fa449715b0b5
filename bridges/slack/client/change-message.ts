import * as v from 'valibot';
import type { JsonObject } from '../../../matrix/json.ts';
import type { SendTarget } from '../../core/network-client.ts';
import type { RemoteMessageId } from '../../core/remote-ids.ts';
import type { ChangeOutcome } from '../../core/send-outcome.ts';
import type { SlackPart } from '../convert/event-to-slack.ts';
import { parseMessageId } from '../slack-ids.ts';
import { changeFailure } from './send-failure.ts';
import type { SlackSession } from './slack-client.ts';
import { refusedWith } from './slack-error.ts';

const updateSchema = v.object({
  message: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
});
const anySchema = v.object({});

/** Edits the posts that a message became. Fewer ones than before: the rest is deleted. */
export async function updateMessage(
  session: SlackSession,
  messageIds: RemoteMessageId[],
  parts: SlackPart[],
  _target: SendTarget,
): Promise<ChangeOutcome> {
  if (parts.length > messageIds.length) {
    return { kind: 'failed', reason: 'too_long', notice: 'The edited message is too long for Slack.' };
  }
  let raw: JsonObject | undefined;
  for (const [index, messageId] of messageIds.entries()) {
    const part = parts[index];
    if (!part) {
      const outcome = await deleteMessage(session, messageId);
      if (outcome.kind !== 'done') return outcome;
      continue;
    }
    const { channelId, ts } = parseMessageId(messageId);
    const content = part.kind === 'text' ? part : part.caption;
    if (!content) return { kind: 'failed', reason: 'file', notice: 'A file cannot be exchanged in Slack.' };
    try {
      const args = { channel: channelId, ts, text: content.text, blocks: content.blocks };
      const { message } = await session.api.call('chat.update', updateSchema, args);
      if (index === 0 && message) raw = { ...(message as JsonObject), ts };
    } catch (error) {
      return changeFailure(error);
    }
  }
  return raw ? { kind: 'done', raw } : { kind: 'done' };
}

export function deleteMessage(session: SlackSession, messageId: RemoteMessageId): Promise<ChangeOutcome> {
  const { channelId, ts } = parseMessageId(messageId);
  return change(session, 'chat.delete', { channel: channelId, ts }, 'message_not_found');
}

export function addReaction(
  session: SlackSession,
  messageId: RemoteMessageId,
  emoji: string,
): Promise<ChangeOutcome> {
  const { channelId, ts } = parseMessageId(messageId);
  return change(
    session,
    'reactions.add',
    { channel: channelId, timestamp: ts, name: emoji },
    'already_reacted',
  );
}

export function removeReaction(
  session: SlackSession,
  messageId: RemoteMessageId,
  emoji: string,
): Promise<ChangeOutcome> {
  const { channelId, ts } = parseMessageId(messageId);
  return change(
    session,
    'reactions.remove',
    { channel: channelId, timestamp: ts, name: emoji },
    'no_reaction',
  );
}

/** @param alreadyCode with which Slack says that it is so already */
async function change(
  session: SlackSession,
  method: string,
  args: Record<string, unknown>,
  alreadyCode: string,
): Promise<ChangeOutcome> {
  try {
    await session.api.call(method, anySchema, args);
    return { kind: 'done' };
  } catch (error) {
    return refusedWith(error, alreadyCode) ? { kind: 'done' } : changeFailure(error);
  }
}
