import type { Person } from '../../attacks/lib/attacker.ts';
import type { World } from './world.ts';

/** One request to an operation, whose method and path are known. */
export interface Question {
  /** Who asks, or with which token; `null`: nobody. Olive, if nobody else is named. */
  by?: Person | string | null;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: BodyInit;
  headers?: Record<string, string>;
}

/** Prepares what the question needs, and asks. */
export type Case = (world: World) => Question | Promise<Question>;

/** By operation, then by the answer that is expected: `200`, `404`, `404 M_NOT_FOUND`. */
export type Cases = Record<string, Record<string, Case>>;
