import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectDir } from '../../config/local.ts';
import { allowances } from '../../homeserver/src/api/rate-limit.ts';
import { limits } from '../../matrix/limits.ts';

/** The page of the threat model says what is so. */
const page = path.join(projectDir, 'docs/security/threat-model.md');
const text = readFileSync(page, 'utf8');
const cells = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const rows = cells
  .filter(([, key = '']) => /^[A-Z]\d+$/.test(key))
  .map(([, key = '', , held = '', where = '', tests = '']) => ({ key, held, where, tests }));

const counts = { C: 10, M: 5, F: 16, O: 7, W: 4, B: 7, P: 1, S: 1, R: 33 };
const isOpen = (held: string) => held.startsWith('**open**') || held.startsWith('not offered');

function linked(cell: string): string[] {
  return [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) =>
    path.resolve(path.dirname(page), target),
  );
}

test('the threat model has every attack once', () => {
  const keys = Object.entries(counts).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  expect(rows.map(({ key }) => key).sort()).toEqual(keys.sort());
});

describe.each(rows.map((row) => [row.key, row] as const))('%s', (key, { held, where, tests }) => {
  test('names files that are there', () => {
    for (const file of [...linked(where), ...linked(tests)]) {
      expect({ file, exists: existsSync(file) }).toEqual({ file, exists: true });
    }
    if (!isOpen(held)) expect(linked(where)).not.toEqual([]);
  });

  test('has tests of its name, unless it is open', () => {
    const files = linked(tests);
    // What is done in part may be done in a part that has no test of this name yet.
    if (!isOpen(held) && !held.startsWith('**in part**')) expect(files).not.toEqual([]);
    const named = files.filter((file) =>
      new RegExp(`['"\`][^'"\`\\n]*\\b${key}\\b`).test(readFileSync(file, 'utf8')),
    );
    expect(named).toEqual(files);
  });
});

test('the limits of the threat model are those of the code', () => {
  for (const [name, { requests, windowMs }] of Object.entries(allowances)) {
    const found = cells.find(([, first]) => first === `\`${name}\``);
    expect({ name, limit: found?.slice(2, 4) }).toEqual({
      name,
      limit: [String(requests), String(windowMs / 1000)],
    });
  }
  const sizes = new Map<string, number>();
  for (const [, names = '', values = ''] of cells) {
    const numbers = values.split(', ').map(Number);
    [...names.matchAll(/`(max\w+)`/g)].forEach(([, name = ''], index) => {
      sizes.set(name, numbers[index] ?? Number.NaN);
    });
  }
  expect(Object.fromEntries(sizes)).toEqual({ ...limits });
});
