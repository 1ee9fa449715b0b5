import type { Bridge } from '../../core/bridge.ts';
import type { Login } from '../../core/logins.ts';
import type { SlackEnv } from '../slack-env.ts';

/** How long the signing secret of an app is used without looking whether its login is still there. */
const maxAgeMs = 30_000;
/** Keys are checked before they are looked up, so only those of ours take a place. */
const maxEntries = 1_000;

const caches = new WeakMap<SlackEnv, Map<string, { login: Login; readMs: number }>>();

/**
 * The login whose app sends its events here. A cache of the directory, per isolate: a busy workspace sends
 * many events a second. What is not found is not remembered, so that a new login works at once.
 */
export async function loginOfIngressKey(
  bridge: Bridge<SlackEnv>,
  ingressKey: string,
  nowMs: number,
): Promise<Login | undefined> {
  const cache = caches.get(bridge.env) ?? new Map<string, { login: Login; readMs: number }>();
  caches.set(bridge.env, cache);
  const known = cache.get(ingressKey);
  if (known && nowMs - known.readMs < maxAgeMs && nowMs >= known.readMs) return known.login;
  const login = await bridge.logins.byIngressKey(ingressKey);
  if (cache.size >= maxEntries) cache.clear();
  if (login) cache.set(ingressKey, { login, readMs: nowMs });
  else cache.delete(ingressKey);
  return login;
}
