import type { ChangeOutcome, SendOutcome } from '../../core/send-outcome.ts';
import { DiscordError, failureText, refusedWith, sendFailure } from '../rest/discord-error.ts';

/** What a failed call means for the post. @throws anything but a `DiscordError` */
export function sendOutcome(error: unknown): SendOutcome {
  if (!(error instanceof DiscordError)) throw error;
  const { failure } = error;
  switch (failure.kind) {
    case 'rate_limited':
      return { kind: 'retry', afterMs: failure.afterMs, reason: failureText(failure) };
    case 'unknown':
      return { kind: 'unknown', reason: failure.reason };
    case 'refused':
      return sendFailure(failure);
    default:
      return failure satisfies never;
  }
}

/** The same for changes, which may be repeated. @param doneCodes refusals that say that it is so already */
export async function changeOutcome(work: Promise<unknown>, ...doneCodes: number[]): Promise<ChangeOutcome> {
  try {
    await work;
    return { kind: 'done' };
  } catch (error) {
    if (refusedWith(error, ...doneCodes)) return { kind: 'done' };
    const outcome = sendOutcome(error);
    if (outcome.kind === 'unknown') return { kind: 'retry', afterMs: 5_000, reason: outcome.reason };
    return outcome.kind === 'sent' ? { kind: 'done' } : outcome;
  }
}
