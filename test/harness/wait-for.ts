/**
 * Waits until `probe` gives something. Looks again at every event that `subscribe` reports and, because not
 * every change has an event, four times a second. Fails after `timeoutMs` with the name of what was missing.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  subscribe?: (check: () => void) => () => void,
  timeoutMs = 20_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  let wake = () => {};
  const unsubscribe = subscribe?.(() => wake());
  try {
    for (;;) {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe?.();
  }
}
