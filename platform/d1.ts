import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { log } from './log.ts';

/** drizzle over a D1 binding; counts queries for the cost test when metering is on. */
export function openD1(binding: D1Database, meter: boolean): DrizzleD1Database {
  return meter ? drizzle(countingBatches(binding), { logger: { logQuery: countQuery } }) : drizzle(binding);
}

const countQuery = () => log('debug', 'meter.d1_query');

/** drizzle's logger is told of no query of a batch. */
function countingBatches(binding: D1Database): D1Database {
  const batch: D1Database['batch'] = (statements) => {
    statements.forEach(countQuery);
    return binding.batch(statements);
  };
  return new Proxy(binding, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'batch') return batch;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
