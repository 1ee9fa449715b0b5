import { LoginRefused, RetryLater, type SendFailure } from '../../core/send-outcome.ts';

/** Why a call of the REST API gave no result. */
export type DiscordFailure =
  /** It did not happen. `code` is Discord's own, 0 if it told none. */
  | { kind: 'refused'; status: number; code: number }
  /** It did not happen. */
  | { kind: 'rate_limited'; afterMs: number; scope: string }
  /** Time-out, broken connection, 5xx, an answer that is none: it may have happened. */
  | { kind: 'unknown'; reason: string };

/** Names the call by its template only: paths of webhooks contain a secret. */
export class DiscordError extends Error {
  readonly failure: DiscordFailure;

  constructor(call: string, failure: DiscordFailure) {
    super(`${call}: ${failureText(failure)}`);
    this.name = 'DiscordError';
    this.failure = failure;
  }
}

export function failureText(failure: DiscordFailure): string {
  switch (failure.kind) {
    case 'refused':
      return `${failure.status}/${failure.code}`;
    case 'rate_limited':
      return `rate limited (${failure.scope})`;
    case 'unknown':
      return failure.reason;
    default:
      return failure satisfies never;
  }
}

/** Discord's error codes that we act on (documentation, "JSON Error Codes"). */
export const errorCode = {
  unknownChannel: 10003,
  unknownGuild: 10004,
  unknownMessage: 10008,
  unknownUser: 10013,
  unknownEmoji: 10014,
  unknownWebhook: 10015,
  missingAccess: 50001,
  cannotEditOthersMessage: 50005,
  missingPermissions: 50013,
  invalidWebhookToken: 50027,
  reactionBlocked: 90001,
  threadExistsAlready: 160004,
} as const;

export function refusedWith(error: unknown, ...codes: number[]): boolean {
  return (
    error instanceof DiscordError && error.failure.kind === 'refused' && codes.includes(error.failure.code)
  );
}

/** For calls that only read: what the lane has to know. */
export function readingError(error: unknown): unknown {
  if (!(error instanceof DiscordError)) return error;
  const { failure } = error;
  switch (failure.kind) {
    case 'rate_limited':
      return new RetryLater(failure.afterMs, error.message);
    case 'unknown':
      return new RetryLater(5_000, error.message);
    case 'refused':
      return failure.status === 401 ? new LoginRefused('The bot token was refused') : error;
    default:
      return failure satisfies never;
  }
}

/** What is said to people about a refusal. */
export function sendFailure(failure: Extract<DiscordFailure, { kind: 'refused' }>): SendFailure {
  return { kind: 'failed', reason: failureText(failure), notice: noticeOf(failure) };
}

function noticeOf({ status, code }: { status: number; code: number }): string {
  switch (code) {
    case errorCode.unknownChannel:
    case errorCode.missingAccess:
      return 'The bot cannot see this channel on Discord any more.';
    case errorCode.missingPermissions:
      return 'The bot is not allowed to do this in the channel on Discord.';
    case errorCode.unknownMessage:
      return 'The message is not on Discord any more.';
    case errorCode.cannotEditOthersMessage:
      return 'Discord lets the bridge change only what it sent itself.';
    case errorCode.unknownEmoji:
      return 'Discord does not know this emoji.';
    case errorCode.reactionBlocked:
      return 'The author of that message does not let the bot react to it.';
    default:
      return status === 413
        ? 'The file is too large for Discord.'
        : `Discord refused it (${status}/${code}).`;
  }
}
