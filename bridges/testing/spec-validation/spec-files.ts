import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of `test/specs`, parsed. */
export function readSpec(path: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/specs', path), 'utf8'));
}
