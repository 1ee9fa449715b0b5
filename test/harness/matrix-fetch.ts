import { KeptAnswers } from './matrix-spec.ts';

/** What any client in the harness and in flows was answered; the flows end with a look at it. */
export const matrixAnswers = new KeptAnswers();

export const matrixFetch = matrixAnswers.fetch;
