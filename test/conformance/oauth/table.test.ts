import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** The table of requirements says what is so. */
const folder = import.meta.dirname;
const rows = readFileSync(path.join(folder, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!section|-)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
const linked = rows.flatMap(([, , cell = '']) => {
  const match = /^\[[^\]]+\]\(([^)]+)\): (.+)$/.exec(cell);
  return match ? [{ file: match[1] as string, title: match[2] as string }] : [];
});

test('each row names its test, or says why there is none', () => {
  expect(rows.length).toBeGreaterThan(80);
  for (const row of rows) {
    expect(row).toHaveLength(3);
    expect(row[2]).toMatch(/^(\[[^\]]+\]\([^)]+\): .|not offered: .)/);
  }
});

test('each test that a row names is there', () => {
  const missing = linked.filter(({ file, title }) => {
    const titles = titlesOf(path.join(folder, file));
    return !titles.some((found) => found === title || found.endsWith(`: ${title}`));
  });
  expect(missing).toEqual([]);
});

test('each test has a row', () => {
  const own = readdirSync(folder).filter((name) => /^(rfc\d+|matrix)\.test\.ts$/.test(name));
  expect(own).toHaveLength(10);
  const unlisted = own.flatMap((file) =>
    titlesOf(path.join(folder, file)).filter(
      (title) => !linked.some((row) => row.file === file && title.endsWith(`: ${row.title}`)),
    ),
  );
  expect(unlisted).toEqual([]);
});

function titlesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^(?:test\(|\]\)\()'(.+)', /gm)].map(([, title = '']) => title);
}
