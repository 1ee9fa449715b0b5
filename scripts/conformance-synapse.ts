import path from 'node:path';
import { runConformance } from './lib/conformance-run.ts';
import { knownFailures } from './lib/known-synapse-failures.ts';
import { installSynapse, SynapseProcess } from './lib/synapse-process.ts';

/**
 * `node scripts/conformance-synapse.ts [filter]`: the suite of `test/conformance` against Synapse, so that a test is
 * not merely what Roost does. Needs python3 and PyPI; about 300 MB in `.cache/synapse`. Tests that Synapse fails are
 * listed with the reason in `scripts/lib/known-synapse-failures.ts`, and one of them that passes is a failure too.
 */
const missing = installSynapse();
if (missing) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else {
  const synapse = await SynapseProcess.start();
  try {
    const result = await runConformance({
      target: synapse.url,
      serverName: 'synapse.test',
      sharedSecret: 'test-shared-secret',
      launcher: path.resolve('scripts/launch-synapse'),
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
