import { report } from '../lib/checks.ts';

/** Prints figures beside their targets, as rows of a table, and remembers which were kept. */
export class Targets {
  #passed = 0;
  #failed = 0;

  constructor() {
    console.log('| measured | figure | target | |\n|---|---|---|---|');
  }

  /** @param limit what it may be at most */
  atMost(name: string, figure: number, unit: string, limit: number): void {
    this.#judge(name, figure, unit, `≤ ${shown(limit)}${unit}`, figure <= limit);
  }

  atLeast(name: string, figure: number, unit: string, limit: number): void {
    this.#judge(name, figure, unit, `≥ ${shown(limit)}${unit}`, figure >= limit);
  }

  /** A figure without a target. */
  note(name: string, figure: number, unit: string): void {
    this.#print(name, figure, unit, '', '');
  }

  report(): void {
    console.log();
    report([{ passed: this.#passed, failed: this.#failed }]);
  }

  #judge(name: string, figure: number, unit: string, target: string, isKept: boolean): void {
    this.#print(name, figure, unit, target, isKept ? '✓' : '✗');
    if (isKept) this.#passed += 1;
    else this.#failed += 1;
  }

  #print(name: string, figure: number, unit: string, target: string, mark: string): void {
    console.log(`| ${name} | ${shown(figure)}${unit} | ${target} | ${mark} |`);
  }
}

function shown(figure: number): string {
  return Number(figure.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** Of the middle one. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Processor time is counted in these. */
const tickMs = 10;

/**
 * The time that something takes on a machine that does nothing else is at most that on the clock, and at most the
 * processor time of the process: other programs make the one longer, other threads the other.
 * @param cpuMs of all `repeats`; `ms`: of one
 */
export function atMost(ms: number, cpuMs: number, repeats = 1): number {
  return Math.min(ms, (cpuMs + tickMs) / repeats);
}
