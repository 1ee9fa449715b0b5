import { ViolationLog } from '../../bridges/testing/spec-validation/violations.ts';
import { checkedFetch } from './matrix-spec.ts';

/** What any answer got wrong so far by the OpenAPI description; the flows end with a look at it. */
export const answerViolations = new ViolationLog();

/** For every client in the harness and in flows. */
export const matrixFetch = checkedFetch(answerViolations);
