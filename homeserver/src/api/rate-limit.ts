import { limitExceeded } from '../../../matrix/errors.ts';
import type { Config } from '../config.ts';
import { registrationOfToken } from './access-token.ts';
import type { RateLimit } from './endpoint.ts';

/** Requests per window and address. Approximate and per isolate: it slows guessing, it is no accounting. */
const allowances: Record<Exclude<RateLimit, 'none'> | 'attempts', { requests: number; windowMs: number }> = {
  /** Per account, wherever they come from. */
  attempts: { requests: 20, windowMs: 300_000 },
  login: { requests: 10, windowMs: 60_000 },
  send: { requests: 600, windowMs: 60_000 },
  default: { requests: 1200, windowMs: 60_000 },
};

const maxTracked = 10_000;
const windows = new Map<string, { count: number; endsMs: number }>();

/** @throws `M_LIMIT_EXCEEDED` */
export async function checkRateLimit(limit: RateLimit, request: Request, config: Config): Promise<void> {
  if (limit === 'none' || !config.rateLimits || isUnlimitedService(request, config)) return;
  count(limit, request.headers.get('cf-connecting-ip') ?? 'local');
}

/** Application Service API, "Registration": `rate_limited: false`. */
function isUnlimitedService(request: Request, config: Config): boolean {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return token !== undefined && registrationOfToken(token, config)?.rateLimited === false;
}

/**
 * Counts an attempt at the password of an account, whether or not it exists.
 * @throws `M_LIMIT_EXCEEDED`
 */
export function checkAttempts(userId: string, config: Config): void {
  if (config.rateLimits) count('attempts', userId);
}

function count(limit: keyof typeof allowances, subject: string): void {
  const nowMs = Date.now();
  const key = `${limit} ${subject}`;
  const window = windows.get(key);
  if (!window || window.endsMs <= nowMs) {
    if (windows.size >= maxTracked) windows.clear();
    windows.set(key, { count: 1, endsMs: nowMs + allowances[limit].windowMs });
    return;
  }
  window.count += 1;
  if (window.count > allowances[limit].requests) throw limitExceeded(window.endsMs - nowMs);
}
