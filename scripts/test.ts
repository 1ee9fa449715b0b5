import { workers } from '../config/workers.ts';
import { check, dryRun, report, vitest } from './lib/checks.ts';
import { staticChecks } from './lib/static-checks.ts';

/** `npm test`: everything that CI runs. */
const counts = await staticChecks();
for (const worker of workers)
  counts.push(await dryRun(worker, worker.name === 'roost-homeserver' ? 1024 : 512));
counts.push(await vitest());
counts.push(await check('the demo shows every message', 'node', ['scripts/demo.ts', '--once']));
counts.push(await check('costs stay within their budgets', 'node', ['scripts/cost.ts']));
report(counts);
