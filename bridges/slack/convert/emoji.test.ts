import { expect, test } from 'vitest';
import { emojiOfName, keyOfName, nameOfEmoji } from './emoji.ts';
import { emojiLines } from './emoji-shortcodes/all.ts';

test('names become emoji and back', () => {
  expect(emojiOfName('+1')).toBe('👍');
  expect(emojiOfName('thumbsup::skin-tone-4')).toBe('👍🏽');
  expect(emojiOfName('heart')).toBe('❤️');
  expect(keyOfName('partyparrot')).toBe(':partyparrot:');
  expect(nameOfEmoji('👍')).toBe('+1');
  expect(nameOfEmoji('👍️')).toBe('+1');
  expect(nameOfEmoji('❤')).toBe('heart');
  expect(nameOfEmoji('👋🏿')).toBe('wave::skin-tone-6');
  expect(nameOfEmoji(':partyparrot:')).toBe('partyparrot');
  expect(nameOfEmoji('hello')).toBeUndefined();
  expect(nameOfEmoji('mxc://a/b')).toBeUndefined();
});

test('every emoji of the table survives the way there and back', () => {
  const lines = emojiLines();
  expect(lines.length).toBeGreaterThan(1800);
  for (const line of lines) {
    const [emoji = '', ...names] = line.split(' ');
    for (const name of names) expect(emojiOfName(name)).toBe(emoji);
    expect(names).toContain(nameOfEmoji(emoji));
  }
});
