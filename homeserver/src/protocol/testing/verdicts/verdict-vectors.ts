import type { RoomVersion } from '../../room-versions.ts';
import { sha256Hex } from '../digest.ts';
import { allVersions } from '../versions.ts';
import { type Judgement, judgementOf, type VerdictCase, verdictOf } from './verdict-case.ts';

/** A file of `test/vectors/verdicts`. */
export interface VerdictVectors {
  origin: string;
  /** Digest of the cases that were judged, by which the test sees that they have changed since. */
  cases: string;
  /**
   * By name of the case a letter for each room version: `a` allowed, `r` refused, `e` the other implementation
   * failed without a verdict, `-` the room cannot be of this version.
   */
  verdicts: Record<string, string>;
}

export interface Question {
  version: RoomVersion;
  judgement: Judgement;
}

/** One for each room version; undefined where the room cannot be of it. */
export function questionsOf(verdictCase: VerdictCase): (Question | undefined)[] {
  return allVersions.map((version) =>
    verdictCase.versions?.(version) === false
      ? undefined
      : { version, judgement: judgementOf(verdictCase, version) },
  );
}

/** Our own letter. */
export function letterOf(question: Question | undefined): string {
  if (!question) return '-';
  return verdictOf(question.judgement, question.version).kind === 'allowed' ? 'a' : 'r';
}

export function casesDigest(questions: Iterable<(Question | undefined)[]>): string {
  const rows = Array.from(questions, (row) =>
    JSON.stringify(row.map((question) => question?.judgement ?? null)),
  );
  return sha256Hex(rows.join('')).slice(0, 16);
}
