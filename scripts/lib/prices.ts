import { type Cost, total } from '../../test/harness/meter.ts';

/**
 * Prices of the Workers Paid plan, US dollars, November 2026: included amount, then price per million.
 * https://developers.cloudflare.com/durable-objects/platform/pricing/, …/workers/platform/pricing/
 */
const prices = {
  baseFee: 5,
  objectRequests: { included: 1e6, perMillion: 0.15 },
  objectGbSeconds: { included: 400_000, perMillion: 12.5 },
  rowsRead: { included: 25e9, perMillion: 0.001 },
  rowsWritten: { included: 50e6, perMillion: 1 },
} as const;

const daysPerMonth = 30;
/** An object is billed as 128 MB while it is awake. */
const gbPerObject = 0.128;

export interface MonthModel {
  /** Messages a day for each of `costs`. */
  perDay: number;
  costs: Cost[];
  /** Objects that hold an outgoing socket and never sleep. */
  alwaysOnObjects: number;
}

/** Dollars a month, storage aside (5 GB are included). Idle work is added by the caller as costs. */
export function monthlyCost(model: MonthModel): number {
  const times = model.perDay * daysPerMonth;
  const sum = (pick: (cost: Cost) => number) =>
    model.costs.reduce((all, cost) => all + pick(cost) * times, 0);
  const price = (used: number, { included, perMillion }: { included: number; perMillion: number }) =>
    (Math.max(0, used - included) / 1e6) * perMillion;
  return (
    prices.baseFee +
    price(
      sum((cost) => total(cost.objectRequests)),
      prices.objectRequests,
    ) +
    price(
      sum((cost) => total(cost.rowsRead)),
      prices.rowsRead,
    ) +
    price(
      sum((cost) => total(cost.rowsWritten)),
      prices.rowsWritten,
    ) +
    price(model.alwaysOnObjects * gbPerObject * 86_400 * daysPerMonth, prices.objectGbSeconds)
  );
}
