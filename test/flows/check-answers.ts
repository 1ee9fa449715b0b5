import { afterAll } from 'vitest';
import { answerViolations } from '../harness/matrix-fetch.ts';

// Runs before each file of the flows: whatever they test, every answer has to be as the specification describes it.
afterAll(() => answerViolations.assertNone());
