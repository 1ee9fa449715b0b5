import { afterAll } from 'vitest';
import { matrixAnswers } from '../harness/matrix-fetch.ts';

// Runs before each file of the flows: whatever they test, every answer has to be as the specification describes it.
matrixAnswers.keep();
afterAll(async () => (await matrixAnswers.check()).assertNone());
