import { expect, test } from 'vitest';
import { decodePage } from './page-charset.ts';

const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));

test.each([
  ['the header', latin1('caf\u00e9'), 'text/html; charset=ISO-8859-1', 'café'],
  ['quotes', latin1('caf\u00e9'), 'text/html; charset="windows-1252"', 'café'],
  ['a meta tag', latin1('<meta charset=latin1>caf\u00e9'), 'text/html', '<meta charset=latin1>café'],
  [
    'Shift_JIS',
    new Uint8Array([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]),
    'text/html; charset=Shift_JIS',
    'テスト',
  ],
  ['nothing', utf8('café'), 'text/html', 'café'],
  ['no encoding that exists', utf8('café'), 'text/html; charset=klingon', 'café'],
  ['a mark', utf16('café'), 'text/html; charset=utf-8', 'café'],
])('the encoding is told by %s', (_, bytes, contentType, text) => {
  expect(decodePage(bytes, contentType)).toBe(text);
});
