import { MatrixApiError } from '../../../appservice/matrix-api-error.ts';
import { RetryLater } from '../send-outcome.ts';

/** Whether the same may work later without anything being changed. */
export function isTransient(error: unknown): boolean {
  return error instanceof RetryLater || (error instanceof MatrixApiError && error.isTransient);
}

/** When to try again: what the other side says, else doubling from 1 s up to 5 min. */
export function retryDelayMs(error: unknown, attempts: number): number {
  if (error instanceof RetryLater) return Math.max(error.afterMs, 100);
  const asked = error instanceof MatrixApiError ? error.retryAfterMs : undefined;
  return asked ?? Math.min(1_000 * 2 ** attempts, 300_000);
}
