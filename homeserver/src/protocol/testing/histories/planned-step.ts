import { Random } from '../random.ts';
import { users } from '../verdicts/events.ts';

/**
 * What a random history will try: chosen without a look at rules and states, so that it stays the same whatever
 * an implementation makes of it.
 */
export interface PlannedStep {
  kind: (typeof kinds)[number];
  /** Numbers of the steps before it; −1 is the end of the room's beginning. */
  after: number[];
  /** In the order in which they are asked whether they may. */
  senders: string[];
  target: string;
  level: number;
  joinRule: string;
  /** One of the room's settings and event types, as the kind has need of. */
  choice: number;
  ts: number;
  /** Sent by the first of the senders who may; else by the first. */
  isLawful: boolean;
  isSkippedIfRefused: boolean;
  /** A step whose state the auth events are from, other than the right one. */
  authFrom: number | undefined;
}

export const everybody = [...Object.values(users), '@eve:three'] as const;

const kinds = [
  ...repeated('topic', 5),
  ...repeated('name', 2),
  ...repeated('levels', 7),
  ...repeated('joinRule', 3),
  ...repeated('ban', 3),
  ...repeated('remove', 3),
  ...repeated('leave', 2),
  ...repeated('join', 6),
  ...repeated('joinVia', 2),
  ...repeated('invite', 3),
  ...repeated('knock', 2),
  ...repeated('message', 2),
  ...repeated('offer', 1),
  ...repeated('inviteByAddress', 1),
  ...repeated('own', 1),
  ...repeated('aliases', 1),
];

function repeated<Kind extends string>(kind: Kind, count: number): Kind[] {
  return Array.from({ length: count }, () => kind);
}

const levels = [0, 0, 25, 49, 50, 50, 51, 75, 99, 100];
const joinRules = ['public', 'public', 'invite', 'knock', 'restricted', 'knock_restricted'];
const maxHeads = 5;

/** 12 to 50 steps, in up to five lines beside each other that meet now and then. */
export function planHistory(seed: number): { steps: PlannedStep[]; heads: number[] } {
  const random = new Random(seed);
  const length = 12 + random.below(39);
  const steps: PlannedStep[] = [];
  let heads = [-1];
  for (let index = 0; index < length; index += 1) {
    const after = chooseParents(random, heads, index);
    heads = [...heads.filter((head) => !after.includes(head)), index];
    steps.push(planStep(random, index, after));
  }
  return { steps, heads };
}

function chooseParents(random: Random, heads: readonly number[], index: number): number[] {
  const roll = random.below(100);
  if (roll < 22 && heads.length < maxHeads && index > 0) {
    // A fork: mostly from a little way back, sometimes from anywhere.
    const reach = random.chance(75) ? Math.min(index, 5) : index;
    return [index - 1 - random.below(reach)];
  }
  if (roll < 42 && heads.length > 1) {
    const one = random.pick(heads);
    const others = heads.filter((head) => head !== one);
    return [one, ...others.slice(random.below(others.length))];
  }
  return [random.pick(heads)];
}

function planStep(random: Random, index: number, after: number[]): PlannedStep {
  const senders = shuffled(random);
  return {
    kind: random.pick(kinds),
    after,
    senders,
    target: random.pick(everybody),
    level: random.pick(levels),
    joinRule: random.pick(joinRules),
    choice: random.below(12),
    ts: chooseTime(random, index),
    isLawful: random.chance(80),
    isSkippedIfRefused: random.chance(50),
    authFrom: random.chance(6) && index > 0 ? random.below(index) : undefined,
  };
}

/** Mostly in order; often the same; sometimes of a clock that is wrong, or that somebody has turned back. */
function chooseTime(random: Random, index: number): number {
  const roll = random.below(10);
  if (roll < 6) return 1000 + index * 10;
  return roll < 8 ? 1000 + Math.floor(index / 5) * 50 : 1000 + random.below(600);
}

function shuffled(random: Random): string[] {
  const left: string[] = [...everybody];
  const order: string[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}
