import { createHash } from 'node:crypto';
import type { Simulation } from '../discord-simulator.ts';

interface Bucket {
  remaining: number;
  resetMs: number;
}

interface Limit {
  limit: number;
  windowMs: number;
}

/** Discord publishes no numbers; these are the ones that libraries observe. */
const realistic: Record<string, Limit> = {
  create_message: { limit: 5, windowMs: 5000 },
  update_message: { limit: 5, windowMs: 5000 },
  delete_message: { limit: 5, windowMs: 1000 },
  list_messages: { limit: 5, windowMs: 5000 },
  get_message: { limit: 5, windowMs: 5000 },
  add_my_message_reaction: { limit: 1, windowMs: 250 },
  delete_my_message_reaction: { limit: 1, windowMs: 250 },
  execute_webhook: { limit: 5, windowMs: 2000 },
  update_webhook_message: { limit: 5, windowMs: 5000 },
  delete_webhook_message: { limit: 5, windowMs: 5000 },
  update_channel: { limit: 2, windowMs: 600_000 },
};
const otherwise: Limit = { limit: 10, windowMs: 1000 };
const generous: Limit = { limit: 10_000, windowMs: 1000 };

const buckets = new WeakMap<Simulation, Map<string, Bucket>>();

export interface BucketState {
  headers: Record<string, string>;
  /** Seconds to wait, when the request is one too many. */
  retryAfterS: number | undefined;
}

/** The channel, guild or webhook that Discord counts by. */
function majorParameter(params: Record<string, string>): string {
  if (params.webhook_id) return `${params.webhook_id}:${params.webhook_token ?? ''}`;
  return params.channel_id ?? params.guild_id ?? '';
}

/** Counts a request in its bucket, and says so in the headers. */
export function takeFromBucket(
  simulation: Simulation,
  operationId: string,
  params: Record<string, string>,
  who: string,
): BucketState {
  const limit = simulation.rateLimits === 'generous' ? generous : (realistic[operationId] ?? otherwise);
  const nowMs = simulation.world.clock.nowMs();
  const byKey = buckets.get(simulation) ?? new Map<string, Bucket>();
  buckets.set(simulation, byKey);
  const key = `${who}:${operationId}:${majorParameter(params)}`;
  const known = byKey.get(key);
  const bucket =
    known && known.resetMs > nowMs ? known : { remaining: limit.limit, resetMs: nowMs + limit.windowMs };
  byKey.set(key, bucket);
  const resetAfterS = Math.max(bucket.resetMs - nowMs, 1) / 1000;
  const refused = bucket.remaining === 0;
  if (!refused) bucket.remaining -= 1;
  return {
    headers: {
      'x-ratelimit-limit': String(limit.limit),
      'x-ratelimit-remaining': String(bucket.remaining),
      'x-ratelimit-reset': (bucket.resetMs / 1000).toFixed(3),
      'x-ratelimit-reset-after': resetAfterS.toFixed(3),
      'x-ratelimit-bucket': createHash('sha256').update(operationId).digest('hex').slice(0, 32),
    },
    retryAfterS: refused ? resetAfterS : undefined,
  };
}
