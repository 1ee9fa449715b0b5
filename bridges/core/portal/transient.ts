import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import { RetryLater } from '../send-outcome.ts';

/**
 * Whether the same may work later. That the homeserver does not know our token is a mistake of set-up, which
 * somebody will put right.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof MatrixApiError) return error.isTransient || error.errcode === 'M_UNKNOWN_TOKEN';
  return error instanceof RetryLater;
}

/**
 * When to try again: what the other side says, else doubling from 1 s up to 5 min. Portals that were told so
 * at the same time come back up to a quarter later, not all at once.
 */
export function retryDelayMs(error: unknown, attempts: number): number {
  if (error instanceof RetryLater) return Math.max(error.afterMs * (1 + Math.random() / 4), 100);
  const asked = error instanceof MatrixApiError ? error.retryAfterMs : undefined;
  return asked ?? Math.min(1_000 * 2 ** attempts, 300_000);
}
