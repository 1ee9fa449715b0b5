import { sha256Hex } from '../digest.ts';
import { planHistory } from './planned-step.ts';
import { digest, type RoomHistory } from './room-history.ts';
import type { Scene } from './scenarios.ts';

/** `test/vectors/state-resolution/histories.json`. */
export interface HistoryVectors {
  origin: string;
  /** Digest of what was tried, by which the test sees that it has changed since. */
  plans: string;
  /** By room version, for each seed: digest of the final state, and of all verdicts and merged states. */
  histories: Record<string, string[]>;
}

/** `test/vectors/state-resolution/scenarios.json`: by name and room version, the verdicts and the final state. */
export interface ScenarioVectors {
  origin: string;
  scenarios: Record<string, Record<string, string>>;
}

/** The last three told a chain that leaves the conflicted set and comes back into it from one that does not. */
export const historySeeds: readonly number[] = [
  ...Array.from({ length: 120 }, (_, seed) => seed),
  100_026,
  100_382,
  100_393,
];

/** The question for the other implementation. */
export function historyQuestion(history: RoomHistory, heads: readonly string[]): object {
  return {
    kind: 'walk',
    version: history.version.id,
    events: history.events,
    heads: history.place(heads).heads,
  };
}

/** Our own answer: of the final state, then of the way there. */
export function historyDigests(history: RoomHistory, heads: readonly string[]): string {
  const final = digest(history.textOf(history.place(heads).state));
  return `${final} ${digest(`${history.verdicts}\n${history.merges.join('\n\n')}`)}`;
}

export function plansDigest(): string {
  return sha256Hex(JSON.stringify(historySeeds.map(planHistory))).slice(0, 16);
}

export function scenarioQuestion({ history, states }: Scene): object {
  return {
    kind: 'walk',
    version: history.version.id,
    events: history.events,
    states: states.map((state) => [...state.values()]),
    isVerbose: true,
  };
}

/** Our own answer. */
export function scenarioOutcome({ history, states }: Scene): string {
  return outcomeText(history, history.verdicts, history.textOf(history.resolve(states)));
}

/** Verdicts, and the names of the events of a state that is written as `textOf` does. */
export function outcomeText(history: RoomHistory, verdicts: string, stateText: string): string {
  const names = stateText.split('\n').map((line) => history.nameOf(JSON.parse(line)[2]));
  return `${verdicts} ${names.sort().join(' ')}`;
}
