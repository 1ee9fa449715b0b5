import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What new objects of a Worker may fill before they are looked through, in MiB, for each Worker. V8 would take 16, some
 * three times over, and a home machine serves one household: 2 costs no measurable time.
 */
export const workerYoungSpace = '--max-semi-space-size=2';

/** Bundling leaves 60 MiB of garbage, which a process that has nothing more to do would keep for good. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
}
