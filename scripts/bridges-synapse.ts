import { vitest } from './lib/checks.ts';
import { installSynapse } from './lib/synapse-process.ts';

/**
 * `node scripts/bridges-synapse.ts`: our bridges' own end-to-end tests, with Synapse as the homeserver. Needs python3
 * and PyPI.
 */
const missing = installSynapse();
if (missing) {
  console.log(`skipped: ${missing}\n0 passed, 0 failed, 1 skipped`);
} else {
  process.env.FLOWS_HOMESERVER = 'synapse';
  const { passed, failed } = await vitest(
    ['flows'],
    ['test/flows/slack.test.ts', 'test/flows/discord.test.ts'],
  );
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
