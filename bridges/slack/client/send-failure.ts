import {
  type ChangeOutcome,
  LoginRefused,
  type SendFailure,
  type SendOutcome,
} from '../../core/send-outcome.ts';
import { isDeadToken, isPassing, SlackError } from './slack-error.ts';

const notices: Record<string, string> = {
  channel_not_found: 'This conversation no longer exists in Slack, or you cannot see it.',
  not_in_channel: 'You are not a member of this channel in Slack.',
  is_archived: 'This channel is archived.',
  msg_too_long: 'This message is too long for Slack.',
  msg_blocks_too_long: 'This message is too long for Slack.',
  no_text: 'Slack takes no empty messages.',
  restricted_action: 'Your workspace does not allow you to post here.',
  restricted_action_read_only_channel: 'Only some people may post in this channel.',
  restricted_action_thread_only_channel: 'In this channel you may only answer in threads.',
  cant_update_message: 'Slack lets you edit only your own messages.',
  cant_delete_message: 'Slack lets you delete only your own messages.',
  edit_window_closed: 'Your workspace no longer allows this message to be edited.',
  message_not_found: 'This message no longer exists in Slack.',
  thread_not_found: 'This thread no longer exists in Slack.',
  invalid_name: 'Slack has no such emoji.',
  too_many_reactions: 'This message has all the reactions that Slack allows.',
  file_upload_size_restricted: 'This file is larger than your workspace allows.',
  missing_scope: 'The app in Slack lacks a permission for this.',
};

/** What a failed post means. @throws LoginRefused */
export function sendFailure(error: unknown): SendOutcome {
  if (!(error instanceof SlackError)) throw error;
  const { failure } = error;
  switch (failure.kind) {
    case 'rate_limited':
      return { kind: 'retry', afterMs: failure.afterMs, reason: error.message };
    case 'unknown':
      return { kind: 'unknown', reason: `${error.message}: ${failure.reason}` };
    case 'refused':
      return isPassing(failure.code) ? { kind: 'unknown', reason: failure.code } : refusal(failure.code);
    default:
      return failure satisfies never;
  }
}

/** What a failed change means, which may be repeated. @throws LoginRefused */
export function changeFailure(error: unknown): ChangeOutcome {
  const outcome = sendFailure(error);
  if (outcome.kind === 'sent') return { kind: 'done' };
  return outcome.kind === 'unknown' ? { kind: 'retry', afterMs: 5_000, reason: outcome.reason } : outcome;
}

function refusal(code: string): SendFailure {
  if (isDeadToken(code)) throw new LoginRefused(code);
  return { kind: 'failed', reason: code, notice: notices[code] ?? `Slack refused it (${code}).` };
}
