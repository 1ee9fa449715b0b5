import type { JsonObject } from '../../../matrix/json.ts';

/** What the owner allows. */
export interface RetentionRules {
  /** Of rooms that say nothing. */
  defaultMs: number | undefined;
  /** No room keeps messages longer. */
  maximumMs: number | undefined;
}

/**
 * How long the messages of a room are kept: MSC1763, `m.room.retention`. A policy that contradicts itself is none.
 * @returns milliseconds; nothing if they are kept for ever
 */
export function messageLifetimeMs(
  policy: JsonObject | undefined,
  { defaultMs, maximumMs }: RetentionRules,
): number | undefined {
  const longest = lifetime(policy?.max_lifetime);
  const shortest = lifetime(policy?.min_lifetime);
  const isValid = longest === undefined || shortest === undefined || shortest <= longest;
  const byRoom = isValid ? longest : undefined;
  const byDefault = defaultMs === undefined ? undefined : Math.max(defaultMs, (isValid && shortest) || 0);
  const wanted = byRoom ?? byDefault;
  if (wanted === undefined || maximumMs === undefined) return wanted ?? maximumMs;
  return Math.min(wanted, maximumMs);
}

function lifetime(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
