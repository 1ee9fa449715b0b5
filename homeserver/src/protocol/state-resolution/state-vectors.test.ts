import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { randomHistory } from '../testing/histories/random-history.ts';
import { playScenario, scenarios } from '../testing/histories/scenarios.ts';
import {
  type HistoryVectors,
  historyDigests,
  historySeeds,
  plansDigest,
  type ScenarioVectors,
  scenarioOutcome,
} from '../testing/histories/state-vectors.ts';
import { allVersions } from '../testing/versions.ts';

function read(name: string) {
  const file = path.join(import.meta.dirname, `../../../../test/vectors/state-resolution/${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe('F8: random histories', () => {
  const vectors: HistoryVectors = read('histories');

  test('are the ones whose states are known', () => {
    expect(plansDigest(), 'the histories have changed: run npm run oracle').toBe(vectors.plans);
  });

  test.each(allVersions)('room version $id: each merge as by another implementation', (version) => {
    const differing = historySeeds.filter((seed, index) => {
      const { history, heads } = randomHistory(seed, version);
      return historyDigests(history, heads) !== vectors.histories[version.id]?.[index];
    });
    expect(differing, 'seeds').toEqual([]);
  });
});

describe('F8: scenarios', () => {
  const vectors: ScenarioVectors = read('scenarios');

  test.each(Object.entries(scenarios))('%s', (name, script) => {
    const ours = allVersions.map((version) => [version.id, scenarioOutcome(playScenario(script, version))]);
    expect(Object.fromEntries(ours), 'if the scenario has changed: run npm run oracle').toEqual(
      vectors.scenarios[name],
    );
  });
});
