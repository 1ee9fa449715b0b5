import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Length } from '../../matrix/identifiers.ts';
import { fitParts, splitText } from './fit-parts.ts';

const text = (body: string, more: object = {}) => ({
  part: 'text',
  type: 'm.room.message' as const,
  content: { msgtype: 'm.text', body, ...more },
});

test('what fits stays as it is', () => {
  const parts = [text('short', { format: 'org.matrix.custom.html', formatted_body: '<b>short</b>' })];
  expect(fitParts(parts)).toEqual(parts);
});

test('what is too long loses its formatting before its words', () => {
  const body = 'word '.repeat(4_000);
  const formatted = { format: 'org.matrix.custom.html', formatted_body: '<b>word</b> '.repeat(4_000) };
  expect(fitParts([text(body, formatted)])).toEqual([text(body)]);
});

test('36,000 Cyrillic characters come in several parts that are the whole', () => {
  const body = 'слово '.repeat(6_000);
  const parts = fitParts([text(body, { 'm.mentions': { user_ids: ['@a:b'] } })]);
  expect(parts.map(({ part }) => part)).toEqual(['text', 'text.1', 'text.2']);
  expect(parts.map(({ content }) => content.body).join('')).toBe(body);
  expect(parts.map(({ content }) => 'm.mentions' in content)).toEqual([true, false, false]);
  // An edit carries the content twice.
  for (const { content } of parts) expect(2 * utf8Length(JSON.stringify(content))).toBeLessThan(60_000);
});

test('any text is cut into pieces within the limit, and nothing of it is lost', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer({ min: 6, max: 60 }),
      (whole, maxBytes) => {
        const pieces = splitText(whole, maxBytes);
        expect(pieces.join('')).toBe(whole);
        for (const piece of pieces)
          expect(utf8Length(JSON.stringify(piece)) - 2).toBeLessThanOrEqual(maxBytes);
      },
    ),
  );
});
