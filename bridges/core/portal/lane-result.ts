/** What becomes of an item of the lane. */
export type LaneResult =
  | { kind: 'done'; reason?: string }
  /** It keeps its place at the head until then. Follows from `RetryLater` and from errors that may pass. */
  | { kind: 'again'; dueMs: number; reason: string }
  /** Its target is not known yet: others go first. */
  | { kind: 'park'; waitsFor: string }
  | DeadResult;

/** It cannot be carried over. */
export interface DeadResult {
  kind: 'dead';
  reason: string;
  /** Tells the people of the room why, in a sentence. */
  notice?: string;
  /** Nothing is wrong with the item: the other side was away for too long. */
  isOutage?: boolean;
}

export const done: LaneResult = { kind: 'done' };
