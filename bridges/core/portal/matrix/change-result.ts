import { type ChangeOutcome, RetryLater } from '../../send-outcome.ts';
import { done, type LaneResult } from '../lane-result.ts';

/** Changes are safe to repeat, so all that is left of an outcome is done, later or never. */
export function changeResult(outcome: ChangeOutcome): LaneResult {
  switch (outcome.kind) {
    case 'done':
      return done;
    case 'retry':
      throw new RetryLater(outcome.afterMs, outcome.reason);
    case 'failed':
      return { kind: 'dead', reason: outcome.reason, notice: outcome.notice };
    default:
      return outcome satisfies never;
  }
}

export function unsupported(what: string): LaneResult {
  return { kind: 'dead', reason: 'unsupported', notice: `${what} cannot be carried over to this network.` };
}
