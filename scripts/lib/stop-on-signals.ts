/**
 * Runs `stop` once at the first SIGINT or SIGTERM, then ends the process with code 0. Takes the place of the
 * handlers that Miniflare installs, which end the process at once.
 */
export function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, end);
  }
}
