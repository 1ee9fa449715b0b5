import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runConformance } from './lib/conformance-run.ts';

/**
 * `npm run conformance -- --target <url>`: the black-box suite of `test/conformance` against any homeserver; without
 * a target, against a Roost that is started for it.
 */
const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    /** The name in its user ids. */
    'server-name': { type: 'string' },
    /** For servers where nobody may register. */
    'registration-shared-secret': { type: 'string' },
    'registration-token': { type: 'string' },
    /** An executable by which servers are started that federate: docs/launcher.md. */
    launcher: { type: 'string' },
    /** A module with `knownFailures`: by the full name of a test, why it fails. */
    'known-failures': { type: 'string' },
    /** Only tests whose full name matches this regular expression. */
    filter: { type: 'string' },
    /** Writes the results there too. */
    json: { type: 'string' },
  },
});

const result = await runConformance({
  ...(values.target && { target: values.target }),
  ...(values['server-name'] && { serverName: values['server-name'] }),
  ...(values['registration-shared-secret'] && { sharedSecret: values['registration-shared-secret'] }),
  ...(values['registration-token'] && { token: values['registration-token'] }),
  ...(values.launcher && { launcher: path.resolve(values.launcher) }),
  ...(values['known-failures'] && { knownFailures: await readKnownFailures(values['known-failures']) }),
  ...(values.filter && { filter: values.filter }),
});
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, undefined, 1)}\n`);
process.exit(result.failed === 0 && result.passed > 0 ? 0 : 1);

async function readKnownFailures(file: string): Promise<Record<string, string>> {
  const module = (await import(path.resolve(file))) as { knownFailures: Record<string, string> };
  return module.knownFailures;
}
