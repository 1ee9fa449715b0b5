import { beforeAll, type RunnerTestCase, type TestContext, test as vitestTest } from 'vitest';
import { ViolationLog } from '../../../bridges/testing/spec-validation/violations.ts';
import { target } from './target.ts';

/** What the answers of the running chapter got wrong by the OpenAPI description. */
let violations = new ViolationLog();

/** The log of the running chapter. */
export function currentViolations(): ViolationLog {
  return violations;
}

let expectsFailure = false;

/** How long the running test waits for what does not come: little, if it is known not to come. */
export function patienceMs(): number {
  return expectsFailure ? 1500 : 8000;
}

/** Thrown by a test that cannot be done on this server. */
class NotApplicable extends Error {}

/** Ends a test as skipped. @param reason what the server, rightly, does not offer */
export function skip(reason: string): never {
  throw new NotApplicable(reason);
}

function fullName(task: Readonly<RunnerTestCase>): string {
  const names = [task.name];
  for (let suite = task.suite; suite; suite = suite.suite) if (suite.name) names.unshift(suite.name);
  return names.join(' > ');
}

/**
 * A test of the suite. If it is known to fail on the server under test it runs all the same: a failure then counts as
 * skipped, with the reason of the list, and a success fails, so that the list stays honest.
 */
export function test(name: string, body: () => Promise<void>): void {
  vitestTest(name, async (context: TestContext) => {
    const reason = target.knownFailures[fullName(context.task as RunnerTestCase)];
    expectsFailure = reason !== undefined;
    try {
      await body();
    } catch (error) {
      if (error instanceof NotApplicable) context.skip(error.message);
      if (reason === undefined) throw error;
      context.skip(`known to fail: ${reason}`);
    }
    if (reason !== undefined) throw new Error(`passes, though it is listed as failing: ${reason}`);
  });
}

/** Ends each file: every answer that its tests got was as the OpenAPI description of Matrix has it. */
export function testAnswersOf(chapter: string): void {
  beforeAll(() => {
    violations = new ViolationLog();
  });
  test(`${chapter}: every answer is as the specification describes it`, async () => {
    const distinct = new ViolationLog();
    const seen = new Set<string>();
    for (const violation of violations.all) {
      const key = `${violation.operation} ${violation.message.replace(/\d+/g, '0')}`;
      if (!seen.has(key)) distinct.add(violation);
      seen.add(key);
    }
    distinct.assertNone();
  });
}

/** What several tests of a group use, made when the first of them asks for it. */
export function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
