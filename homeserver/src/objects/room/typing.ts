import type { UserId } from '../../../../matrix/identifiers.ts';

const maxTimeoutMs = 120_000;

/**
 * Who is typing. Only in memory: after an eviction nobody is, and the due work that was to end their typing
 * tells the followers so.
 */
export class TypingUsers {
  readonly #expiresMs = new Map<UserId, number>();

  /** @param timeoutMs `false`: stopped. @returns whether the list of users changed */
  set(userId: UserId, timeoutMs: number | false, nowMs: number): boolean {
    const known = this.#expiresMs.has(userId);
    if (timeoutMs === false || timeoutMs <= 0) return this.#expiresMs.delete(userId);
    this.#expiresMs.set(userId, nowMs + Math.min(timeoutMs, maxTimeoutMs));
    return !known;
  }

  users(): UserId[] {
    return [...this.#expiresMs.keys()];
  }

  /** @returns whether anybody was removed */
  expire(nowMs: number): boolean {
    const before = this.#expiresMs.size;
    for (const [userId, expiresMs] of this.#expiresMs) {
      if (expiresMs <= nowMs) this.#expiresMs.delete(userId);
    }
    return this.#expiresMs.size < before;
  }

  /** When the next user's time ends. */
  nextExpiryMs(): number | undefined {
    return this.#expiresMs.size === 0 ? undefined : Math.min(...this.#expiresMs.values());
  }
}
