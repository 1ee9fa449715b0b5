import { type Cost, total } from '../../test/harness/meter.ts';
import { report } from './checks.ts';

export interface Budget {
  objectRequests?: number;
  rowsRead?: number;
  rowsWritten?: number;
  d1Queries?: number;
}

/** Prints measured costs beside their budgets and remembers which were kept. */
export class Budgets {
  #passed = 0;
  #failed = 0;

  check(name: string, cost: Cost, budget: Budget): void {
    const figures = {
      objectRequests: total(cost.objectRequests),
      rowsWritten: total(cost.rowsWritten),
      rowsRead: total(cost.rowsRead),
      d1Queries: cost.d1Queries,
    };
    const kept = (Object.keys(figures) as (keyof Budget)[]).every(
      (key) => budget[key] === undefined || figures[key] <= budget[key],
    );
    const shown = (Object.keys(figures) as (keyof Budget)[]).map((key) => {
      const limit = budget[key] === undefined ? '' : ` (≤ ${budget[key]})`;
      return `${key} ${round(figures[key])}${limit}`;
    });
    console.log(`${kept ? '✓' : '✗'} ${name}\n    ${shown.join(', ')}`);
    console.log(`    requests: ${list(cost.objectRequests)}; rows written: ${list(cost.rowsWritten)}`);
    this.#count(kept);
  }

  checkFigure(name: string, figure: number, limit: number): void {
    console.log(`${figure <= limit ? '✓' : '✗'} ${name}: ${round(figure)} (≤ ${limit})`);
    this.#count(figure <= limit);
  }

  report(): void {
    report([{ passed: this.#passed, failed: this.#failed }]);
  }

  #count(kept: boolean): void {
    if (kept) this.#passed += 1;
    else this.#failed += 1;
  }
}

function list(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([key, count]) => `${key} ${round(count)}`)
    .join(', ');
}

function round(figure: number): string {
  return String(Math.round(figure * 100) / 100);
}
