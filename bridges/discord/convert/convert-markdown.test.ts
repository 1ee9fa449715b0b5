import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { snowflake } from '../snowflake.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import type { Names } from './names.ts';
import { parseHtml, textOf } from './parse-html.ts';
import { parseMarkdown } from './parse-markdown.ts';
import { renderHtml } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderPlain } from './render-plain.ts';
import { splitContent } from './split-content.ts';

const names: Names = {
  users: new Map([[snowflake('1'), { name: 'Ann', matrixId: '@discord_1:roost.test' }]]),
  roles: new Map([[snowflake('2'), 'Mods']]),
  channels: new Map([
    [snowflake('3'), { name: 'general', roomId: '!room:roost.test' }],
    [snowflake('4'), { name: 'hidden', roomId: undefined }],
  ]),
  serverName: 'roost.test',
};
const html = (source: string) => renderHtml(parseMarkdown(source), names);

describe('Discord to HTML', () => {
  test.each([
    [
      '**bold** *it* _it_ __under__ ~~gone~~',
      '<strong>bold</strong> <em>it</em> <em>it</em> <u>under</u> <del>gone</del>',
    ],
    ['***both***', '<strong><em>both</em></strong>'],
    ['**a *b* c**', '<strong>a <em>b</em> c</strong>'],
    ['||secret||', '<span data-mx-spoiler>secret</span>'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['`a < b` ``x ` y``', '<code>a &lt; b</code> <code>x ` y</code>'],
    ['\\*not\\* \\_so\\_ ¯\\_(ツ)_/¯', '*not* _so_ ¯\\_(ツ)_/¯'],
    ['one\ntwo\n\nthree', 'one<br>two<br><br>three'],
    ['# Big\n## Less\n### Least\n-# small', '<h1>Big</h1><h2>Less</h2><h3>Least</h3><p><sub>small</sub></p>'],
    ['#channel #1', '#channel #1'],
    ['> quote\n> **more**\nafter', '<blockquote>quote<br><strong>more</strong></blockquote>after'],
    ['before\n>>> all\nthe rest', 'before<blockquote>all<br>the rest</blockquote>'],
    ['- a\n- b\n  - c\n- d', '<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>'],
    ['3. x\n4. y', '<ol start="3"><li>x</li><li>y</li></ol>'],
    ['```ts\nlet a = 1;\n```', '<pre><code class="language-ts">let a = 1;</code></pre>'],
    ['text ```code``` more', 'text <pre><code>code</code></pre> more'],
    ['```\n> not a quote\n# nor a heading\n```', '<pre><code>&gt; not a quote\n# nor a heading</code></pre>'],
    ['> ```\n> in quote\n> ```', '<blockquote><pre><code>in quote</code></pre></blockquote>'],
    ['see https://a.test/x_y_z, ok', 'see <a href="https://a.test/x_y_z">https://a.test/x_y_z</a>, ok'],
    ['(https://a.test/b_(c))', '(<a href="https://a.test/b_(c)">https://a.test/b_(c)</a>)'],
    ['<https://a.test>', '<a href="https://a.test">https://a.test</a>'],
    ['[here](https://a.test "title")', '<a href="https://a.test">here</a>'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    [
      'hi <@1> <@!1> <@9>',
      'hi <a href="https://matrix.to/#/%40discord_1%3Aroost.test">Ann</a> <a href="https://matrix.to/#/%40discord_1%3Aroost.test">Ann</a> @unknown-user',
    ],
    [
      '<@&2> <#3> <#4>',
      '<strong>@Mods</strong> <a href="https://matrix.to/#/!room%3Aroost.test?via=roost.test">#general</a> #hidden',
    ],
    ['<:party:5> <a:wave:6>', ':party: :wave:'],
    ['<t:0:d> <t:0:t> <t:0>', '1970-01-01 00:00 UTC 1970-01-01 00:00 UTC'],
    ['</matrix status:7>', '/matrix status'],
    ['<b onclick=x>&amp;</b>', '&lt;b onclick=x&gt;&amp;amp;&lt;/b&gt;'],
    ['[you](https://matrix.to/#/@victim:x.test)', 'you (https://matrix.to/#/@victim:x.test)'],
    ['@everyone @here', '@everyone @here'],
  ])('%j', (source, expected) => {
    expect(html(source)).toBe(expected);
  });

  test('the plain text hides spoilers and names people', () => {
    expect(renderPlain(parseMarkdown('<@1> ||x||\n> q\n- a\n```js\nf()\n```'), names)).toBe(
      '@Ann ||x||\n> q\n- a\n```js\nf()\n```',
    );
  });

  test('nothing that is written becomes markup that we did not make', () => {
    const allowed =
      /<(?:\/?(?:strong|em|u|del|code|pre|blockquote|ul|ol|li|h[1-3]|p|sub)|br|span data-mx-spoiler|\/span|a href="https?:\/\/[^"<>]*"|\/a|ol start="\d+"|code class="language-[\w+.#-]+")>/g;
    const piece = fc.constantFrom(
      ...'*_~|`<>#-@!&:"\'()[]\\/ \n1a',
      '```',
      '<@1>',
      'https://a.b',
      '<script>',
    );
    const source = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(source, (text) => {
        expect(html(text).replace(allowed, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '*',
    '**',
    '_',
    '`',
    '````a',
    '||',
    '> ',
    '[',
    '- a\n ',
    '<',
    '>>> ',
    '~~x',
    '```a```` ',
    '[a](http://',
  ])('a message full of %j ends', (part) => {
    expect(html(part.repeat(Math.ceil(4_000 / part.length)))).toBeTypeOf('string');
  });
});

describe('Matrix to Discord', () => {
  const markdown = (source: string) =>
    renderMarkdown(parseHtml(source), (pill) =>
      pill.kind === 'user' && pill.userId === '@discord_1:roost.test' ? '<@1>' : undefined,
    );

  test.each([
    ['<strong>a</strong> <em>b</em> <u>c</u> <del>d</del>', '**a** *b* __c__ ~~d~~'],
    ['<b> a </b>b', '**a** b'],
    ['<b>a</b><b>b</b>', '**a**\u200b**b**'],
    ['<b>a<strong>b</strong></b>', '**ab**'],
    ['<p>one</p><p>two<br>three</p>', 'one\n\ntwo\nthree'],
    ['<h2>T</h2>text', '## T\ntext'],
    ['<blockquote><p>a</p><p>b</p></blockquote>c', '> a\n> \n> b\nc'.replace('> \n', '>\n')],
    ['<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>', '- a\n  1. b\n- c'],
    ['<pre><code class="language-js">a &lt; b\n</code></pre>', '```js\na < b\n```'],
    ['<code>a_b</code> <code>x`y</code>', '`a_b` ``x`y``'],
    ['<span data-mx-spoiler="why">x</span>', '(why) ||x||'],
    ['<a href="https://a.test/">https://a.test/</a>', 'https://a.test/'],
    ['<a href="https://a.test/(x)">there</a>', '[there](https://a.test/%28x%29)'],
    ['<a href="javascript:x">y</a>', 'y'],
    ['<a href="https://matrix.to/#/%40discord_1%3Aroost.test">Ann</a>: hi', '<@1>: hi'],
    ['<a href="https://matrix.to/#/@bob:x.test">Bob</a>', '[Bob](https://matrix.to/#/@bob:x.test)'],
    ['2 * 3 &lt;@1&gt; @everyone', '2 \\* 3 \\<@1> @everyone'],
    ['&lt;<b></b>@1&gt;', '\\<@1>'],
    ['<mx-reply><blockquote>old</blockquote></mx-reply>new', 'new'],
    ['<script>x</script>y<style>z</style>', 'y'],
    ['<img alt=":wave:" data-mx-emoticon>', ':wave:'],
    ['a\n b', 'a b'],
  ])('%j', (source, expected) => {
    expect(markdown(source)).toBe(expected);
  });

  test('plain text comes back as it was', () => {
    const piece = fc.constantFrom(
      ...'*_~|`<>#-+@!&:"()[]\\/. 1ab',
      '```',
      '<@1>',
      '<#3>',
      '1. ',
      '# ',
      '- ',
      '> ',
      '||',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        const text = parts.join('').trim();
        expect(textOf(parseHtml(html(escapeMarkdown(text))))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('deep nesting costs no stack', () => {
    expect(markdown(`${'<div><b>'.repeat(20_000)}x`)).toBe('**x**');
  });
});

describe('long texts', () => {
  test('are cut between lines and keep their code blocks', () => {
    const code = Array.from({ length: 200 }, (_, n) => `line ${n}`).join('\n');
    const posts = splitContent(`before\n\`\`\`ts\n${code}\n\`\`\`\nafter`, 500);
    expect(posts.length).toBeGreaterThan(3);
    for (const post of posts) {
      expect(post.length).toBeLessThanOrEqual(500);
      expect(post.split('```').length % 2).toBe(1);
    }
    expect(posts[1]?.startsWith('```ts\nline ')).toBe(true);
  });

  test('lose no word, whatever they are', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom('\n', '\n\n', ' ', '😀', '```ts\n', '```'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (parts) => {
        const text = parts.join('');
        const posts = splitContent(text, 100);
        const bare = (source: string) => source.replace(/```(?:ts\b)?|\s|`/g, '');
        for (const post of posts) {
          expect(post.length).toBeLessThanOrEqual(100);
          expect(post.trim()).not.toBe('');
          expect(post.isWellFormed()).toBe(text.isWellFormed() || post.isWellFormed());
        }
        expect(bare(posts.join(''))).toBe(bare(text));
      }),
      { numRuns: 500 },
    );
  });
});
