import type { Simulation } from './slack-simulator.ts';
import type { CallArgs, WebApiMethod } from './web-api-call.ts';
import type { Token } from './world.ts';

/** Calls a minute, by docs.slack.dev/apis/web-api/rate-limits. */
const perMinute = { 1: 1, 2: 20, 3: 50, 4: 100, special: 100 } as const;
const minuteMs = 60_000;
const secondMs = 1000;

const windows = new WeakMap<Simulation, Map<string, number[]>>();

function callsWithin(simulation: Simulation, key: string, windowMs: number): number[] {
  const byKey = windows.get(simulation) ?? new Map<string, number[]>();
  windows.set(simulation, byKey);
  const sinceMs = simulation.world.clock.nowMs() - windowMs;
  const recent = (byKey.get(key) ?? []).filter((atMs) => atMs > sinceMs);
  byKey.set(key, recent);
  return recent;
}

/** Counts a call. @returns the seconds of `Retry-After` when it is one too many, else undefined. */
export function takeRateLimit(
  simulation: Simulation,
  method: string,
  tier: WebApiMethod['tier'],
  token: Token,
  args: CallArgs,
): number | undefined {
  if (simulation.rateLimits === 'off') return undefined;
  const nowMs = simulation.world.clock.nowMs();
  const who = `${token.app?.id ?? token.userId}:${token.teamId}`;
  const limits =
    method === 'chat.postMessage'
      ? [{ key: `${who}:${method}:${args.optional('channel') ?? ''}`, windowMs: secondMs, most: 1 }]
      : [{ key: `${who}:${method}`, windowMs: minuteMs, most: perMinute[tier] }];
  for (const limit of limits) {
    const recent = callsWithin(simulation, limit.key, limit.windowMs);
    const first = recent[0];
    if (recent.length >= limit.most && first !== undefined) {
      return Math.max(1, Math.ceil((first + limit.windowMs - nowMs) / 1000));
    }
    recent.push(nowMs);
  }
  return undefined;
}
