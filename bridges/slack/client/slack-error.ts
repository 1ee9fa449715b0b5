import { LoginRefused, RetryLater } from '../../core/send-outcome.ts';

/** Why a call of the Web API gave no result. */
export type SlackFailure =
  /** Slack's own error code: it did not happen. */
  | { kind: 'refused'; code: string }
  /** It did not happen. */
  | { kind: 'rate_limited'; afterMs: number }
  /** Time-out, broken connection, 5xx: it may have happened. */
  | { kind: 'unknown'; reason: string };

export class SlackError extends Error {
  readonly failure: SlackFailure;

  constructor(method: string, failure: SlackFailure) {
    super(`${method}: ${failure.kind === 'refused' ? failure.code : failure.kind}`);
    this.name = 'SlackError';
    this.failure = failure;
  }
}

/** Codes after which no call with this token will work any more. */
const deadTokenCodes = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'team_disabled',
  'enterprise_is_restricted',
]);

export function isDeadToken(code: string): boolean {
  return deadTokenCodes.has(code);
}

/** Codes of Slack's own troubles, or of two calls getting in each other's way. */
const passingCodes = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
]);

export function isPassing(code: string): boolean {
  return passingCodes.has(code);
}

/** For calls that only read: what the lane has to know. */
export function readingError(error: unknown): unknown {
  if (!(error instanceof SlackError)) return error;
  const { failure } = error;
  switch (failure.kind) {
    case 'rate_limited':
      return new RetryLater(failure.afterMs, error.message);
    case 'unknown':
      return new RetryLater(5_000, error.message);
    case 'refused':
      if (isDeadToken(failure.code)) return new LoginRefused(failure.code);
      return isPassing(failure.code) ? new RetryLater(5_000, error.message) : error;
    default:
      return failure satisfies never;
  }
}

export function refusedWith(error: unknown, ...codes: string[]): boolean {
  return (
    error instanceof SlackError && error.failure.kind === 'refused' && codes.includes(error.failure.code)
  );
}
