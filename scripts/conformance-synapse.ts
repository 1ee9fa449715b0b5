import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../config/local.ts';
import { runConformance } from './lib/conformance-run.ts';
import { knownFailures } from './lib/known-synapse-failures.ts';
import { SynapseProcess, synapseVersion } from './lib/synapse-process.ts';

/**
 * `node scripts/conformance-synapse.ts [filter]`: the suite of `test/conformance` against Synapse, so that a test is
 * not merely what Roost does. Needs python3 and PyPI; about 300 MB in `.cache/synapse`. Tests that Synapse fails are
 * listed with the reason in `scripts/lib/known-synapse-failures.ts`, and one of them that passes is a failure too.
 */
const version = '1.163.2';
const folder = path.join(projectDir, '.cache/synapse');
const python = path.join(folder, 'bin/python');

const missing = install();
if (missing) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else {
  const synapse = await SynapseProcess.start(python);
  try {
    const result = await runConformance({
      target: synapse.url,
      serverName: 'synapse.test',
      sharedSecret: 'test-shared-secret',
      appservice: synapse.appservice,
      knownFailures,
      ...(process.argv[2] && { filter: process.argv[2] }),
    });
    process.exitCode = result.failed === 0 && result.passed > 0 ? 0 : 1;
  } finally {
    await synapse.stopAndRemove();
  }
  process.exit();
}

/** @returns why Synapse cannot be had on this machine */
function install(): string | undefined {
  if (existsSync(python) && synapseVersion(python) === version) return undefined;
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not installed';
  const steps = [
    ['python3', '-m', 'venv', '--clear', folder],
    [python, '-m', 'pip', 'install', '--quiet', `matrix-synapse[url-preview]==${version}`],
  ] as const;
  for (const [command, ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) return `Synapse cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
  }
  return undefined;
}
