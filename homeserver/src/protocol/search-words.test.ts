import { expect, test } from 'vitest';
import { searchWords } from './search-words.ts';

test.each([
  ['Martians and MEN', ['martians', 'and', 'men']],
  ['  "quoted" OR NEAR(x*) {body} : -y', ['quoted', 'or', 'near', 'x', 'body', 'y']],
  ['Straße, café!', ['straße', 'café']],
  ['word word Word', ['word']],
  ['?!… ', []],
  ['', []],
])('%j', (term, words) => {
  expect(searchWords(term)).toEqual(words);
});

test('a term has so many words and no more', () => {
  expect(searchWords(Array.from({ length: 99 }, (_, index) => `w${index}`).join(' '))).toHaveLength(32);
});
