/** What becomes of an item of the lane. */
export type LaneResult =
  | { kind: 'done'; reason?: string }
  /** It keeps its place at the head until then. Follows from `RetryLater` and from errors that may pass. */
  | { kind: 'again'; dueMs: number; reason: string }
  /** Its target is not known yet: others go first. */
  | { kind: 'park'; waitsFor: string }
  /** It cannot be carried over. `notice` tells the people of the room why, in a sentence. */
  | { kind: 'dead'; reason: string; notice?: string };

export const done: LaneResult = { kind: 'done' };
