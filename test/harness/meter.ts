import type { Roost } from './roost.ts';
import { waitFor } from './wait-for.ts';

/** Billable operations, counted from the log of a server that runs with its meter on. */
export interface Cost {
  /** By `Class.method`; alarms included. */
  objectRequests: Record<string, number>;
  rowsRead: Record<string, number>;
  rowsWritten: Record<string, number>;
  d1Queries: number;
}

export function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Runs `work` and counts what it cost, once the server has been quiet for a moment. */
export async function measure(roost: Roost, work: () => Promise<unknown>): Promise<Cost> {
  await quiet(roost);
  const start = roost.logLines.length;
  await work();
  await quiet(roost);
  return costOf(roost.logLines.slice(start));
}

/** Until the log has not grown for `forMs`: lines arrive a little after what they tell of. */
export async function quiet(roost: Roost, forMs = 1000): Promise<void> {
  let length = -1;
  let same = 0;
  const isQuiet = () => {
    same = roost.logLines.length === length ? same + 1 : 0;
    length = roost.logLines.length;
    return same * 250 >= forMs;
  };
  await waitFor('the server to be quiet', isQuiet, undefined, 60_000);
}

/** Adds up the meter's lines. */
export function costOf(lines: string[]): Cost {
  const cost: Cost = { objectRequests: {}, rowsRead: {}, rowsWritten: {}, d1Queries: 0 };
  const add = (counts: Record<string, number>, key: string, by: number) => {
    if (by > 0) counts[key] = (counts[key] ?? 0) + by;
  };
  for (const line of lines) {
    if (!line.includes('"meter.')) continue;
    const record = JSON.parse(line) as Record<string, string | number>;
    const name = String(record.class);
    if (record.event === 'meter.object_request') add(cost.objectRequests, `${name}.${record.method}`, 1);
    else if (record.event === 'meter.d1_query') cost.d1Queries += 1;
    else if (record.event === 'meter.rows') {
      add(cost.rowsRead, name, Number(record.read));
      add(cost.rowsWritten, name, Number(record.written));
    }
  }
  return cost;
}
