import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsGlobWord, containsWord, matchesGlob, matchesStars } from './glob.ts';

/** The meaning of a glob, said as slowly as it can be. */
function means(pattern: string[], text: string[]): boolean {
  const [wanted, ...rest] = pattern;
  if (wanted === undefined) return text.length === 0;
  if (wanted === '*') return text.some((_, i) => means(rest, text.slice(i))) || means(rest, []);
  return text.length > 0 && (wanted === '?' || wanted === text[0]) && means(rest, text.slice(1));
}

describe('matchesGlob', () => {
  test.each([
    ['lunc?*', 'lunch plans', true],
    ['lunc?*', 'lunch', true],
    ['lunc?*', ' lunch', false],
    ['lunc?*', 'lunc', false],
    ['', '', true],
    ['', 'x', false],
    ['*', '', true],
    ['?', '\u{1F600}', true],
    ['??', '\u{1F600}', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-c-b', false],
    ['*.txt', 'x.txt.txt', true],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, text, expected) => expect(matchesGlob(pattern, text)).toBe(expected));

  test('means what globs mean', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 7 });
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        expect(matchesGlob(wanted.join(''), given.join(''))).toBe(means(wanted, given));
      }),
      { numRuns: 2000 },
    );
  });

  test('hostile patterns take no more steps than text times pattern', () => {
    expect(matchesGlob('a*'.repeat(60), `${'a'.repeat(20_000)}b`)).toBe(true);
    expect(matchesGlob(`${'*a'.repeat(60)}*c`, 'a'.repeat(20_000))).toBe(false);
    expect(containsGlobWord(`${'?*'.repeat(60)}c`, 'a '.repeat(10_000))).toBe(false);
  });
});

describe('matchesStars', () => {
  test.each([
    ['m.room.*', 'm.room.message', true],
    ['m.room.*', 'm.reaction', false],
    ['*', '', true],
    ['*.message', 'm.room.message', true],
    ['m.*.message', 'm.room.message', true],
    ['m.*.message', 'm.message', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['m.room.message', 'm.room.message', true],
    ['m.room.(message)', 'm.room.message', false],
    ['m.?*', 'm.room', false],
    ['?*', '?x', true],
  ])('%s, %s', (pattern, text, expected) => expect(matchesStars(pattern, text)).toBe(expected));

  test('C8: a pattern of many stars costs no more than its length', () => {
    expect(matchesStars(`${'a*'.repeat(100)}b`, 'a'.repeat(100_000))).toBe(false);
  });
});

describe('containsGlobWord', () => {
  test.each([
    ['ex*ple', 'an example event.', true],
    ['ex*ple', 'exple', true],
    ['ex*ple', 'an exciting triple-whammy', true],
    ['ex*ple', 'an examples', false],
    ['ex*ple', 'an index ample', false],
    ['cake', 'a piece of cake', true],
    ['cake', 'pancake', false],
    ['cake', 'cakes and cake', true],
    ['cake', 'snake_cake', false],
    ['cake', 'é cake', true],
    ['cake', 'écake', true],
    ['@room', 'hi @room', true],
    ['*', '', true],
    ['?at', 'a hat', true],
    ['?at', 'that', false],
    ['c?t*', 'the cats', true],
    ['*ake', 'pancake', true],
    ['cake*lie', 'the cake is a lie', true],
    ['cake*lie', 'the cake is a liex', false],
  ])('%s on %s: %s', (pattern, text, expected) => expect(containsGlobWord(pattern, text)).toBe(expected));

  test('means: some part between boundaries matches', () => {
    const isWord = (character: string | undefined) => character === 'a' || character === 'b';
    const pattern = fc.array(fc.constantFrom('a', 'b', '-', '*', '?'), { maxLength: 5 });
    const text = fc.array(fc.constantFrom('a', 'b', '-'), { maxLength: 7 });
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        const boundaries = [...given, ''].flatMap((_, i) =>
          isWord(given[i - 1]) && isWord(given[i]) ? [] : [i],
        );
        const expected = boundaries.some((start) =>
          boundaries.some((end) => end >= start && means(wanted, given.slice(start, end))),
        );
        expect(containsGlobWord(wanted.join(''), given.join(''))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

test('containsWord takes wildcards for themselves', () => {
  expect(containsWord('a*b', 'see a*b here')).toBe(true);
  expect(containsWord('a*b', 'acb')).toBe(false);
  expect(containsWord('', 'x')).toBe(true);
});
