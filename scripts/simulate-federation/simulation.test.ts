import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/**
 * From the environment: more runs, or others. These take fifty seconds of processor time; docs/federation.md says which
 * others are known to fail.
 */
const runs = Number(process.env.SIMULATION_RUNS ?? 50);
const firstSeed = Number(process.env.SIMULATION_SEED ?? 13);
const script = path.resolve(import.meta.dirname, '../simulate-federation.ts');

/** In a process of its own, whose time is not that of others. */
async function simulate(seed: number, count: number): Promise<string> {
  const args = [script, '--seed', String(seed), '--runs', String(count)];
  // What failed is in the output, with its seed.
  const failed = (error: { stdout?: string; message: string }) => ({ stdout: error.stdout || error.message });
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(failed);
  return stdout.trim();
}

test('servers agree on a room once the network is whole, whatever happened in it', async () => {
  const half = Math.floor(runs / 2);
  const parts = [
    [firstSeed, half],
    [firstSeed + half, runs - half],
  ] as const;
  const results = await Promise.all(parts.map(([seed, count]) => simulate(seed, count)));
  expect(results).toEqual(parts.map(([, count]) => `${count} passed, 0 failed`));
}, 1_200_000);
