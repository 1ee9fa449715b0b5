import fc from 'fast-check';
import { expect, test } from 'vitest';
import { htmlToRichText, pillTargets } from './html-to-rich-text.ts';
import { plainToRichText } from './plain-to-rich-text.ts';
import type { Inline, RichText } from './rich-text.ts';
import { textOfRichText } from './rich-text-to-text.ts';
import { maxMessageChars, splitRichText } from './split-rich-text.ts';

const resolve = (target: string): Inline | undefined =>
  target === '@ann:roost.test' ? { type: 'user', user_id: 'U1' } : undefined;
const convert = (html: string) => htmlToRichText(html, resolve).elements;
const section = (...elements: Inline[]) => ({ type: 'rich_text_section', elements });
const text = (value: string, style?: object): Inline => ({
  type: 'text',
  text: value,
  ...(style ? { style } : {}),
});

test('marks, links, pills, line breaks', () => {
  expect(convert('a <strong>b <em>c</em></strong><br><del>d</del> <code>e&lt;</code>')).toEqual([
    section(
      text('a '),
      text('b ', { bold: true }),
      text('c', { bold: true, italic: true }),
      text('\n'),
      text('d', { strike: true }),
      text(' '),
      text('e<', { code: true }),
    ),
  ]);
  expect(convert('<a href="https://x.test/?a=1&amp;b=2">x</a> see https://y.test/(z). ok')).toEqual([
    section(
      { type: 'link', url: 'https://x.test/?a=1&b=2', text: 'x' },
      text(' see '),
      { type: 'link', url: 'https://y.test/(z)' },
      text('. ok'),
    ),
  ]);
  expect(
    convert(
      '<a href="https://matrix.to/#/%40ann%3Aroost.test">Ann</a>: hi <a href="https://matrix.to/#/@bob:x.test">Bob</a>',
    ),
  ).toEqual([
    section({ type: 'user', user_id: 'U1' }, text(': hi '), {
      type: 'link',
      url: 'https://matrix.to/#/@bob:x.test',
      text: 'Bob',
    }),
  ]);
  expect(pillTargets('<a href="https://matrix.to/#/%40ann%3Aroost.test">')).toEqual(['@ann:roost.test']);
});

test('paragraphs, headings, lists, quotes, code', () => {
  expect(convert('<p>one</p>\n<p>two</p><h2>three</h2>')).toEqual([
    section(text('one\n\ntwo\n\n'), text('three', { bold: true })),
  ]);
  expect(
    convert('<p>x</p><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start="3"><li><p>d</p></li></ol>'),
  ).toEqual([
    section(text('x')),
    { type: 'rich_text_list', style: 'bullet', indent: 0, elements: [section(text('a'))] },
    { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [section(text('b'))] },
    { type: 'rich_text_list', style: 'bullet', indent: 0, elements: [section(text('c'))] },
    { type: 'rich_text_list', style: 'ordered', indent: 0, offset: 2, elements: [section(text('d'))] },
  ]);
  expect(
    convert(
      '<blockquote><p>a</p><p>b</p></blockquote>c<pre><code class="language-ts">if (x) {\n  y\n}\n</code></pre>',
    ),
  ).toEqual([
    { type: 'rich_text_quote', elements: [text('a\n\nb')] },
    section(text('c')),
    { type: 'rich_text_preformatted', elements: [text('if (x) {\n  y\n}\n')], language: 'ts' },
  ]);
});

test('B4: replies, scripts and unknown tags', () => {
  expect(convert('<mx-reply><blockquote>old</blockquote></mx-reply>new')).toEqual([section(text('new'))]);
  expect(convert('<script>alert(1)</script><style>x</style><blink>text</blink>')).toEqual([
    section(text('text')),
  ]);
  expect(convert('<a href="javascript:alert(1)">x</a><img src="mxc://a/b" alt=":cat:">')).toEqual([
    section(text('x:cat:')),
  ]);
});

test('B1: nothing that is only text can call anybody', () => {
  const words = '<!channel> <!here> <@U1> @everyone <!subteam^S1> <https://x.test|y>';
  for (const richText of [
    plainToRichText(words),
    htmlToRichText(words.replaceAll('<', '&lt;').replaceAll('>', '&gt;'), resolve),
  ]) {
    const types = richText.elements.flatMap((element) =>
      (element.elements as Inline[]).map((inline) => inline.type),
    );
    expect(types.every((type) => type === 'text' || type === 'link')).toBe(true);
    expect(textOfRichText(richText)).not.toMatch(/<[!@#]|<http/);
  }
});

function plain(richText: RichText): string {
  return JSON.stringify(richText.elements);
}

test('B1: whatever the HTML, only pills that resolve become mentions, and nothing throws', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '<b>',
      '</b>',
      '<ul>',
      '<li>',
      '</li>',
      '<pre>',
      '<code>',
      '</pre>',
      '<blockquote>',
      '<!channel>',
      '&lt;!here&gt;',
      '<a href="https://matrix.to/#/@eve:x.test">',
      '</a>',
      '<table><tr><td>',
      '<br/>',
      '\0',
      '\ud800',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const richText = htmlToRichText(pieces.join(''), resolve);
      expect(plain(richText)).not.toMatch(/"type":"(?:user|channel|usergroup|broadcast)"/);
      expect(textOfRichText(richText)).not.toMatch(/<[!@#]/);
    }),
  );
});

test('the deepest nesting that fits into an event is flattened, not followed', () => {
  const html = `${'<div><b>'.repeat(3_500)}x${'</b></div>'.repeat(3_500)}`;
  expect(html.length).toBeGreaterThan(60_000);
  expect(plain(htmlToRichText(html, resolve))).toContain('"x"');
});

test('a long message is split into ones that Slack takes, with nothing lost', () => {
  const words = Array.from({ length: 4000 }, (_, index) => `word${index}`).join(' ');
  for (const richText of [
    plainToRichText(words),
    htmlToRichText(`<pre>${words}</pre><ol>${'<li>item</li>'.repeat(900)}</ol>`, resolve),
  ]) {
    const messages = splitRichText(richText);
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages) {
      expect(textOfRichText(message).length).toBeLessThan(maxMessageChars * 1.8);
      expect(JSON.stringify(message).length).toBeLessThan(13_000);
    }
    const joined = messages.map(textOfRichText).join('').replaceAll(/\s/g, '');
    expect(joined).toBe(textOfRichText(richText).replaceAll(/\s/g, ''));
  }
  const [first, second] = splitRichText(
    htmlToRichText(`<ol>${`<li>${'x'.repeat(2000)}</li>`.repeat(2)}</ol>`, resolve),
  );
  expect(first?.elements[0]).toMatchObject({ type: 'rich_text_list' });
  expect(second?.elements[0]).toMatchObject({ type: 'rich_text_list', offset: 1 });
});

test('two code blocks stay two', () => {
  const richText = htmlToRichText('<pre>a</pre><pre>b</pre>', resolve);
  expect(splitRichText(richText)).toEqual([richText]);
});
