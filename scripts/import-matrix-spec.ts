/**
 * Reduces the OpenAPI description of Matrix's client-server API to what answers are checked by, and writes it to
 * `test/specs/matrix`. Source and date: `test/specs/README.md`.
 *
 *     node scripts/import-matrix-spec.ts <the folder data/ of matrix-org/matrix-spec>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { reduceMatrixApi } from './lib/reduce-matrix-api.ts';

const source = process.argv[2];
if (!source) {
  console.error('usage: node scripts/import-matrix-spec.ts <the folder data/ of matrix-org/matrix-spec>');
  process.exit(2);
}

/** One entry a line, so that an update of the source is a readable diff. */
function entries(record: Record<string, unknown>): string {
  const lines = Object.entries(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n}`;
}

const { operations, definitions } = reduceMatrixApi(source, 'api/client-server');
mkdirSync('test/specs/matrix', { recursive: true });
writeFileSync(
  'test/specs/matrix/client-server.json',
  `{\n"operations": ${entries(operations)},\n"definitions": ${entries(definitions)}\n}\n`,
);
