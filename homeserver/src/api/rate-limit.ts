import { limitExceeded } from '../../../matrix/errors.ts';
import type { Config } from '../config.ts';
import { registrationOfToken } from './access-token.ts';
import { addressBlock } from './address-block.ts';
import type { RateLimit } from './endpoint.ts';

/** Requests per window and block of addresses. Approximate and per isolate: it slows guessing, it is no accounting. */
export const allowances: Record<
  Exclude<RateLimit, 'none'> | 'attempts' | 'previews' | 'servers',
  { requests: number; windowMs: number }
> = {
  /** Per account, wherever they come from. */
  attempts: { requests: 20, windowMs: 300_000 },
  /** Per account. */
  previews: { requests: 30, windowMs: 60_000 },
  /** Per server, whose signature has been checked. */
  servers: { requests: 3000, windowMs: 60_000 },
  login: { requests: 10, windowMs: 60_000 },
  send: { requests: 600, windowMs: 60_000 },
  default: { requests: 1200, windowMs: 60_000 },
};

type Windows = Map<string, { count: number; endsMs: number }>;

/** Per kind, so that a flood of requests cannot push out the counts of guesses. */
const maxTracked = 10_000;
const windowsOf: Record<keyof typeof allowances, Windows> = {
  attempts: new Map(),
  previews: new Map(),
  servers: new Map(),
  login: new Map(),
  send: new Map(),
  default: new Map(),
};

/** @throws `M_LIMIT_EXCEEDED` */
export async function checkRateLimit(limit: RateLimit, request: Request, config: Config): Promise<void> {
  if (limit === 'none' || !config.rateLimits || isUnlimitedService(request, config)) return;
  count(limit, addressBlock(addressOf(request, config)));
}

/** Where nothing can be believed of the address, all callers are one. Of several addresses the last is the front's. */
function addressOf(request: Request, { clientAddressHeader }: Config): string {
  const told = clientAddressHeader === '' ? null : request.headers.get(clientAddressHeader);
  return told?.split(',').at(-1)?.trim() || 'local';
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

/**
 * Counts a page that is fetched for a user.
 * @throws `M_LIMIT_EXCEEDED`
 */
export function checkPreviews(userId: string, config: Config): void {
  if (config.rateLimits) count('previews', userId);
}

/**
 * Counts a request of another server.
 * @throws `M_LIMIT_EXCEEDED`
 */
export function checkServer(origin: string, config: Config): void {
  if (config.rateLimits) count('servers', origin);
}

function count(limit: keyof typeof allowances, subject: string): void {
  const nowMs = Date.now();
  const windows = windowsOf[limit];
  const window = windows.get(subject);
  if (!window || window.endsMs <= nowMs) {
    // Set anew, so that the order of the map is that of their ends.
    windows.delete(subject);
    if (windows.size >= maxTracked) evictOldest(windows);
    windows.set(subject, { count: 1, endsMs: nowMs + allowances[limit].windowMs });
    return;
  }
  window.count += 1;
  if (window.count > allowances[limit].requests) throw limitExceeded(window.endsMs - nowMs);
}

function evictOldest(windows: Windows): void {
  for (const oldest of windows.keys()) {
    windows.delete(oldest);
    return;
  }
}
