/**
 * Discord resets the token of a bot that sends more than 1,000 IDENTIFYs in 24 hours. A bucket of 400 that
 * fills again in a day allows at most 800 in any 24 hours. RESUMEs are free.
 */
export interface IdentifyBudget {
  /** How many were left at `atMs`. */
  left: number;
  atMs: number;
}

const capacity = 400;
const refillMs = 24 * 3_600_000;
const msPerIdentify = refillMs / capacity;

export const freshBudget: IdentifyBudget = { left: capacity, atMs: 0 };

/** The earliest time at which another IDENTIFY may be sent. */
export function identifyAllowedMs(budget: IdentifyBudget, nowMs: number): number {
  const left = leftAt(budget, nowMs);
  return left >= 1 ? nowMs : nowMs + Math.ceil((1 - left) * msPerIdentify);
}

export function afterIdentify(budget: IdentifyBudget, nowMs: number): IdentifyBudget {
  return { left: Math.max(leftAt(budget, nowMs) - 1, 0), atMs: nowMs };
}

function leftAt({ left, atMs }: IdentifyBudget, nowMs: number): number {
  return Math.min(left + Math.max(nowMs - atMs, 0) / msPerIdentify, capacity);
}
