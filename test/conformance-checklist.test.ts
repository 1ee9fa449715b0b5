import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const folder = path.resolve('test/conformance');
const rows = readFileSync(path.join(folder, 'checklist.txt'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('Test'))
  .map((line) => line.split(' '));
const sources = globSync('*.test.ts', { cwd: folder }).map((file) =>
  readFileSync(path.join(folder, file), 'utf8'),
);

/** A name between quotes, with or without something that tells two tests of one name apart. */
const names = new Set(
  sources.flatMap((source) => [...source.matchAll(/['"`](Test\w+)/g)].map(([, name]) => name)),
);

test('every row of the checklist that one server can be tested for has a test of its name', () => {
  expect(rows.length).toBeGreaterThan(200);
  const missing = rows.filter(([name, mark]) => mark === undefined && !names.has(name));
  expect(missing).toEqual([]);
});

test('what is marked as missing is missing', () => {
  expect(rows.filter(([name, mark]) => mark === 'federation' && names.has(name))).toEqual([]);
  expect(rows.filter(([, mark]) => mark !== undefined && mark !== 'federation')).toEqual([]);
});
