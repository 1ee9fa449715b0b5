/** Runs what Cloudflare's clock would run: each job at once, then whenever its minutes pattern fits. */
export function startCrons(
  jobs: { pattern: string; run(): Promise<void> }[],
  onError: (error: unknown) => void,
): { stop(): void } {
  const fits = jobs.map(({ pattern }) => minuteMatcher(pattern));
  const runJobs = (isDue: (index: number) => boolean) => {
    for (const [index, { run }] of jobs.entries()) if (isDue(index)) run().catch(onError);
  };
  runJobs(() => true);
  const timer = setInterval(() => {
    const minute = new Date().getUTCMinutes();
    runJobs((index) => fits[index]?.(minute) ?? false);
  }, 60_000);
  return { stop: () => clearInterval(timer) };
}

/** @throws for patterns beyond "every minute" and "every n minutes", which is all that we use */
function minuteMatcher(pattern: string): (minute: number) => boolean {
  const every = /^\*(?:\/(\d+))? \* \* \* \*$/.exec(pattern);
  if (!every) throw new Error(`this cron pattern is not understood here: ${pattern}`);
  const step = Number(every[1] ?? 1);
  return (minute) => minute % step === 0;
}
