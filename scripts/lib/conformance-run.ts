import { type Reporter, startVitest, type TestCase } from 'vitest/node';
import type { TestAppservice } from '../../test/conformance/lib/appservice.ts';

export interface ConformanceOptions {
  /** Default: a Roost of its own. */
  target?: string;
  serverName?: string;
  sharedSecret?: string;
  token?: string;
  appservice?: TestAppservice;
  /** An executable by which servers are started that federate. Default: Roost's, if there is no target. */
  launcher?: string;
  /** By the full name of a test, why it fails. */
  knownFailures?: Record<string, string>;
  /** A regular expression. */
  filter?: string;
}

export interface ConformanceResult {
  passed: number;
  failed: number;
  skipped: number;
  tests: { name: string; state: string; note?: string; error?: string }[];
}

/** A line a test, and what is left out at the end. */
class LineReporter implements Reporter {
  readonly result: ConformanceResult = { passed: 0, failed: 0, skipped: 0, tests: [] };

  onTestCaseResult(testCase: TestCase): void {
    const outcome = testCase.result();
    // Tests that the filter leaves out.
    if (outcome.state === 'pending' || (outcome.state === 'skipped' && !outcome.note)) return;
    this.result[outcome.state] += 1;
    const error = outcome.errors?.[0];
    const note = outcome.state === 'skipped' ? outcome.note : undefined;
    const message = error && [error.message, error.diff, placeOf(error.stack)].filter(Boolean).join('\n');
    this.result.tests.push({
      name: testCase.fullName,
      state: outcome.state,
      ...(note && { note }),
      ...(message && { error: message }),
    });
    const sign = { passed: '✓', failed: '✗', skipped: '–' }[outcome.state];
    console.log(`${sign} ${testCase.fullName}${note ? `: ${note}` : ''}`);
    if (message) console.log(message.replace(/^/gm, '    '));
  }
}

/** The lines of a stack that lie in the suite itself. */
function placeOf(stack = ''): string {
  const lines = stack.split('\n').filter((line) => /conformance\/[^/]*\.test\.ts/.test(line));
  return lines.slice(0, 2).join('\n');
}

/** Runs the suite and prints its last line, `N passed, N failed`. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  const settings = {
    CONFORMANCE_TARGET: options.target,
    CONFORMANCE_SERVER_NAME: options.serverName,
    CONFORMANCE_SHARED_SECRET: options.sharedSecret,
    CONFORMANCE_TOKEN: options.token,
    CONFORMANCE_APPSERVICE: options.appservice && JSON.stringify(options.appservice),
    CONFORMANCE_LAUNCHER: options.launcher,
    CONFORMANCE_KNOWN_FAILURES: options.knownFailures && JSON.stringify(options.knownFailures),
  };
  for (const [name, value] of Object.entries(settings)) if (value) process.env[name] = value;
  const reporter = new LineReporter();
  const vitest = await startVitest('test', [], {
    project: ['conformance'],
    reporters: [reporter],
    run: true,
    watch: false,
    ...(options.filter && { testNamePattern: options.filter }),
  });
  const broken = vitest?.state.getUnhandledErrors() ?? [];
  for (const error of broken) console.log(error);
  await vitest?.close();
  const { result } = reporter;
  if (broken.length > 0) result.failed += 1;
  for (const { name, note } of result.tests.filter(({ state }) => state === 'skipped')) {
    console.log(`skipped: ${name}: ${note}`);
  }
  console.log(`${result.passed} passed, ${result.failed} failed`);
  return result;
}
