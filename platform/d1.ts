import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { log } from './log.ts';

/** drizzle over a D1 binding; counts queries for the cost test when metering is on. */
export function openD1(binding: D1Database, meter: boolean): DrizzleD1Database {
  return drizzle(binding, {
    logger: meter ? { logQuery: () => log('debug', 'meter.d1_query') } : false,
  });
}
