import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../../config/local.ts';
import { knownDifferences } from '../../homeserver/src/protocol/testing/verdicts/known-differences.ts';
import { randomCase, randomTable } from '../../homeserver/src/protocol/testing/verdicts/random-case.ts';
import { verdictTables } from '../../homeserver/src/protocol/testing/verdicts/tables.ts';
import type { VerdictCase } from '../../homeserver/src/protocol/testing/verdicts/verdict-case.ts';
import {
  casesDigest,
  letterOf,
  questionsOf,
  type VerdictVectors,
} from '../../homeserver/src/protocol/testing/verdicts/verdict-vectors.ts';
import type { Synapse } from './synapse.ts';

const origin =
  'Verdicts of Synapse 1.163.2 (event_auth.py) on the cases of homeserver/src/protocol/testing/verdicts, made by `npm run oracle`. A letter for each room version 1 to 12: a allowed, r refused, e failed without a verdict, - not of this version.';

interface Answer {
  verdict: string;
  reason: string | null;
}

/** @returns how many verdicts differ, each of them told */
export async function writeVerdicts(synapse: Synapse): Promise<number> {
  const folder = path.join(projectDir, 'test/vectors/verdicts');
  mkdirSync(folder, { recursive: true });
  let differing = 0;
  for (const [table, cases] of Object.entries({ ...verdictTables, random: randomTable })) {
    const rows = await Promise.all(cases.map((verdictCase) => compare(verdictCase, synapse)));
    const vectors: VerdictVectors = {
      origin,
      cases: casesDigest(cases.map(questionsOf)),
      verdicts: Object.fromEntries(rows.map(({ name, theirs }) => [name, theirs])),
    };
    if (rows.length !== Object.keys(vectors.verdicts).length) throw new Error(`${table}: a name twice`);
    writeFileSync(path.join(folder, `${table}.json`), `${JSON.stringify(vectors, null, 1)}\n`);
    const count = rows.reduce((sum, { theirs }) => sum + theirs.replaceAll('-', '').length, 0);
    console.log(`${table}: ${rows.length} cases, ${count} verdicts`);
    differing += rows.reduce((sum, row) => sum + row.differences.length, 0);
  }
  return differing;
}

/** Fresh cases, not kept. @returns how many verdicts differ */
export async function tryVerdicts(synapse: Synapse, firstSeed: number, count: number): Promise<number> {
  let differing = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    differing += (await compare(randomCase(seed), synapse)).differences.length;
  }
  return differing;
}

async function compare(verdictCase: VerdictCase, synapse: Synapse) {
  const { name } = verdictCase;
  const questions = questionsOf(verdictCase);
  const answers = await Promise.all(
    questions.map((question) =>
      question
        ? synapse.ask<Answer>({ kind: 'judge', version: question.version.id, ...question.judgement })
        : undefined,
    ),
  );
  const differences = questions.flatMap((question, index) => {
    const ours = letterOf(question);
    const theirs = answers[index]?.verdict ?? '-';
    if (ours === theirs || isKnown(name, ours, theirs)) return [];
    const text = `${name}, version ${question?.version.id}: ours ${ours}, theirs ${theirs} (${answers[index]?.reason})`;
    console.log(text);
    return [text];
  });
  return { name, theirs: answers.map((answer) => answer?.verdict ?? '-').join(''), differences };
}

function isKnown(name: string, ours: string, theirs: string): boolean {
  return knownDifferences.some(
    (known) => known.cases.test(name) && known.ours === ours && known.theirs === theirs,
  );
}
