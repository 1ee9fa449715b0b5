import './simulate-federation/workerd-in-node.ts';
import { parseArgs } from 'node:util';

/**
 * Servers in one process, with the homeserver's own code, in a network that is simulated, time included:
 * `node scripts/simulate-federation.ts --runs N --seed first`. One seed is one run, and the same each time; `--verbose`
 * shows it, and with `--log` all that the servers log.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
if (!values.log) Object.assign(console, { log: () => undefined, error: () => undefined });

const { Simulation } = await import('./simulate-federation/simulation.ts');
const { VirtualTime } = await import('./simulate-federation/virtual-time.ts');

const time = new VirtualTime();
time.install();
const counts = { passed: 0, failed: 0 };
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.runs); seed += 1) {
  const problems: string[] = [];
  let told = '';
  const simulation = new Simulation(seed, time);
  try {
    const { problems: found, ...outcome } = await simulation.run();
    problems.push(...found);
    told = JSON.stringify(outcome);
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  simulation.close();
  if (problems.length > 0) print(`✗ seed ${seed} ${told}\n  ${problems.slice(0, 10).join('\n  ')}`);
  else if (values.verbose) print(`✓ ${told}`);
  counts[problems.length > 0 ? 'failed' : 'passed'] += 1;
}
print(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);
