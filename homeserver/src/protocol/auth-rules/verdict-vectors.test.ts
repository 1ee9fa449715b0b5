import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownDifferences } from '../testing/verdicts/known-differences.ts';
import { randomTable } from '../testing/verdicts/random-case.ts';
import { verdictTables } from '../testing/verdicts/tables.ts';
import type { VerdictCase } from '../testing/verdicts/verdict-case.ts';
import {
  casesDigest,
  letterOf,
  questionsOf,
  type VerdictVectors,
} from '../testing/verdicts/verdict-vectors.ts';

/** Whether both letters are as they are known to be. */
function isKnown(name: string, ours: string, theirs: string): boolean {
  return knownDifferences.some(
    (known) => known.cases.test(name) && known.ours === ours && known.theirs === theirs,
  );
}

function vectorsOf(table: string): VerdictVectors {
  const file = path.join(import.meta.dirname, `../../../../test/vectors/verdicts/${table}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const tables: [string, readonly VerdictCase[]][] = Object.entries({ ...verdictTables, random: randomTable });

describe.each(tables)('F7: verdicts on %s', (table, cases) => {
  const vectors = vectorsOf(table);
  const rows = cases.map((verdictCase) => ({ name: verdictCase.name, questions: questionsOf(verdictCase) }));

  test('are those of another implementation, or differ for a reason that is known', () => {
    const differing = rows.flatMap(({ name, questions }) => {
      const ours = questions.map(letterOf).join('');
      const theirs = vectors.verdicts[name] ?? 'absent: run npm run oracle';
      const agrees =
        ours.length === theirs.length &&
        [...ours].every((letter, index) => {
          const other = theirs[index] ?? '';
          return letter === other || isKnown(name, letter, other);
        });
      return agrees ? [] : [{ name, ours, theirs }];
    });
    expect(differing).toEqual([]);
  });

  test('belong to the cases as they are', () => {
    const digest = casesDigest(rows.map(({ questions }) => questions));
    expect(digest, 'the cases have changed: run npm run oracle').toBe(vectors.cases);
  });
});

test('each known difference is one', () => {
  const verdicts = tables.flatMap(([table]) => Object.entries(vectorsOf(table).verdicts));
  for (const { cases, theirs } of knownDifferences) {
    const found = verdicts.filter(([name, letters]) => cases.test(name) && letters.includes(theirs));
    expect(found, String(cases)).not.toEqual([]);
  }
});
