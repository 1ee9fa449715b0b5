import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectDir } from '../../config/local.ts';
import type { RoomVersion } from '../../homeserver/src/protocol/room-versions.ts';
import { randomHistory } from '../../homeserver/src/protocol/testing/histories/random-history.ts';
import { playScenario, scenarios } from '../../homeserver/src/protocol/testing/histories/scenarios.ts';
import {
  type HistoryVectors,
  historyDigests,
  historyQuestion,
  historySeeds,
  outcomeText,
  plansDigest,
  type ScenarioVectors,
  scenarioOutcome,
  scenarioQuestion,
} from '../../homeserver/src/protocol/testing/histories/state-vectors.ts';
import { allVersions } from '../../homeserver/src/protocol/testing/versions.ts';
import type { Synapse } from './synapse.ts';

const origin =
  'States as Synapse 1.163.2 (state/v1.py, state/v2.py, event_auth.py) resolves them, for the rooms of homeserver/src/protocol/testing/histories, made by `npm run oracle`.';

/** @returns how many differ, each of them told */
export async function writeStates(synapse: Synapse): Promise<number> {
  const folder = path.join(projectDir, 'test/vectors/state-resolution');
  mkdirSync(folder, { recursive: true });
  const write = (name: string, vectors: HistoryVectors | ScenarioVectors) =>
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(vectors, null, 1)}\n`);
  const differences: string[] = [];

  const histories: Record<string, string[]> = {};
  for (const version of allVersions) {
    histories[version.id] = await Promise.all(
      historySeeds.map((seed) => compareHistory(seed, version, synapse, differences)),
    );
  }
  write('histories', { origin, plans: plansDigest(), histories });
  console.log(`histories: ${historySeeds.length * allVersions.length}`);

  const outcomes: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(scenarios)) {
    outcomes[name] = await compareScenario(name, synapse, differences);
  }
  write('scenarios', { origin, scenarios: outcomes });
  console.log(`scenarios: ${Object.keys(scenarios).length}`);
  return differences.length;
}

/** Fresh histories, not kept. @returns how many differ */
export async function tryStates(synapse: Synapse, firstSeed: number, count: number): Promise<number> {
  const differences: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    for (const version of allVersions) await compareHistory(seed, version, synapse, differences);
  }
  return differences.length;
}

/** @returns their digests */
async function compareHistory(
  seed: number,
  version: RoomVersion,
  synapse: Synapse,
  differences: string[],
): Promise<string> {
  const { history, heads } = randomHistory(seed, version);
  const { final, walk } = await synapse.ask<{ final: string; walk: string }>(historyQuestion(history, heads));
  const theirs = `${final} ${walk}`;
  if (theirs !== historyDigests(history, heads)) {
    differences.push(`seed ${seed}`);
    console.log(`history of seed ${seed}, version ${version.id}: other states`);
  }
  return theirs;
}

/** @returns their outcome for each version */
async function compareScenario(
  name: string,
  synapse: Synapse,
  differences: string[],
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const version of allVersions) {
    const script = scenarios[name];
    if (!script) continue;
    const scene = playScenario(script, version);
    const answer = await synapse.ask<{ verdicts: string; state: string }>(scenarioQuestion(scene));
    const theirs = outcomeText(scene.history, answer.verdicts, answer.state);
    const ours = scenarioOutcome(scene);
    outcomes[version.id] = theirs;
    if (ours === theirs) continue;
    differences.push(name);
    console.log(`${name}, version ${version.id}:\n  ours   ${ours}\n  theirs ${theirs}`);
  }
  return outcomes;
}
