import { compatibilityDate, type WorkerDescription } from '../../config/workers.ts';

export const clockName = 'local-clock';

/**
 * A Worker that runs other Workers' cron handlers when asked by HTTP on a port of its own.
 * @note Miniflare's own `getWorker().scheduled()` blocks this process until the handler has ended. If workerd
 * meanwhile waits for somebody to read its log, which is this process, both wait for ever.
 */
export function clockWorker(workers: readonly WorkerDescription[]) {
  const contents = `export default {
    async fetch(request, env) {
      const { searchParams } = new URL(request.url);
      const { outcome } = await env[searchParams.get('worker')].scheduled({ cron: searchParams.get('cron') });
      return new Response(outcome, { status: outcome === 'ok' ? 200 : 500 });
    },
  };`;
  return {
    name: clockName,
    modules: [{ type: 'ESModule' as const, path: `${clockName}.mjs`, contents }],
    compatibilityFlags: ['service_binding_extra_handlers'],
    compatibilityDate,
    serviceBindings: Object.fromEntries(
      workers.filter(({ crons }) => crons.length > 0).map(({ name }) => [name, name]),
    ),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  };
}

export async function runCron(clockUrl: URL, worker: string, cron: string): Promise<void> {
  const url = new URL(clockUrl);
  url.searchParams.set('worker', worker);
  url.searchParams.set('cron', cron);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the cron handler of ${worker} failed: ${await response.text()}`);
}

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
