import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { expect, test } from 'vitest';
import { renderMrkdwn } from './mrkdwn-to-html.ts';
import { type Mentions, noMentions } from './rich-text.ts';
import { renderRichText } from './rich-text-to-html.ts';

const mentions: Mentions = {
  users: new Map([['U1', { userId: '@ann:roost.test', name: 'Ann <3' }]]),
  channels: new Map([
    ['C1', { roomId: '!room:roost.test', name: 'general' }],
    ['C2', { roomId: undefined, name: 'secret' }],
  ]),
  usergroups: new Map([['S1', 'crew']]),
};

const block = (...elements: object[]) => ({ type: 'rich_text', elements });
const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });
const text = (value: string, style?: object) => ({ type: 'text', text: value, ...(style ? { style } : {}) });
const list = (style: string, indent: number, ...items: string[]) => ({
  type: 'rich_text_list',
  style,
  indent,
  elements: items.map((item) => section(text(item))),
});

test('inline elements', () => {
  const rendered = renderRichText(
    block(
      section(
        text('a '),
        text('b', { bold: true, italic: true }),
        text(' '),
        text('x < y', { code: true }),
        text(' ~', { strike: true }),
        { type: 'link', url: 'https://example.org/?a=1&b="2"', text: 'site' },
        { type: 'user', user_id: 'U1' },
        { type: 'channel', channel_id: 'C1' },
        { type: 'channel', channel_id: 'C2' },
        { type: 'usergroup', usergroup_id: 'S1' },
        { type: 'broadcast', range: 'here' },
        { type: 'emoji', name: 'wave', skin_tone: 3, unicode: '1f44b-1f3fc' },
        { type: 'emoji', name: 'partyparrot' },
      ),
    ),
    mentions,
  );
  expect(rendered.html).toBe(
    'a <strong><em>b</em></strong> <code>x &lt; y</code><del> ~</del>' +
      '<a href="https://example.org/?a=1&amp;b=&quot;2&quot;">site</a>' +
      '<a href="https://matrix.to/#/%40ann%3Aroost.test">Ann &lt;3</a>' +
      '<a href="https://matrix.to/#/!room%3Aroost.test">#general</a>#secret@crew@here👋🏼:partyparrot:',
  );
  expect(rendered.body).toBe(
    'a **_b_** `x < y` ~~~~~site (https://example.org/?a=1&b="2")Ann <3#general#secret@crew@here👋🏼:partyparrot:',
  );
});

test('blocks: lists nest, quotes and code stand alone', () => {
  const rendered = renderRichText(
    block(
      section(text('intro\n')),
      list('bullet', 0, 'one', 'two'),
      list('ordered', 1, 'deep'),
      list('bullet', 0, 'three'),
      { type: 'rich_text_quote', elements: [text('said\nso')] },
      { type: 'rich_text_preformatted', language: 'js', elements: [text('if (a < b) {}\n')] },
      section(text('end')),
    ),
    mentions,
  );
  expect(rendered.html).toBe(
    'intro<ul><li>one</li><li>two<ol><li>deep</li></ol></li><li>three</li></ul>' +
      '<blockquote>said<br>so</blockquote><pre><code class="language-js">if (a &lt; b) {}</code></pre>end',
  );
  expect(rendered.body).toBe(
    'intro\n• one\n• two\n  1. deep\n• three\n> said\n> so\n```\nif (a < b) {}\n```\nend',
  );
});

test('mrkdwn of integrations', () => {
  const cases: [source: string, html: string][] = [
    ['*bold* _it_ ~no~ `a*b*`', '<strong>bold</strong> <em>it</em> <del>no</del> <code>a*b*</code>'],
    ['2*3*4 snake_case_name a ~ b', '2*3*4 snake_case_name a ~ b'],
    ['*_both_*', '<strong><em>both</em></strong>'],
    ['&lt;b&gt; &amp;amp;', '&lt;b&gt; &amp;amp;'],
    ['<https://a.test/?x=1&amp;y=2|a &amp; b>', '<a href="https://a.test/?x=1&amp;y=2">a &amp; b</a>'],
    ['<https://a.test>', '<a href="https://a.test">https://a.test</a>'],
    [
      '<@U1> <#C1|general> <!here> <!subteam^S1> <!subteam^S9|@ops>',
      '<a href="https://matrix.to/#/%40ann%3Aroost.test">Ann &lt;3</a> <a href="https://matrix.to/#/!room%3Aroost.test">#general</a> @here @crew @ops',
    ],
    ['<!date^1392734382^{date}|Feb 18, 2014>', 'Feb 18, 2014'],
    ['&gt; quoted\n&gt; more\nafter', '<blockquote>quoted<br>more</blockquote>after'],
    ['```\ncode <https://x.test>\n```', '<pre><code>code https://x.test</code></pre>'],
    [':wave: :nope: 10:30:15', '👋 :nope: 10:30:15'],
    ['<javascript:alert(1)|click>', 'click'],
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
  ];
  expect(cases.map(([source]) => renderMrkdwn(source, mentions).html)).toEqual(cases.map(([, html]) => html));
});

const allowed = new Set(['strong', 'em', 'del', 'code', 'pre', 'a', 'br', 'ul', 'ol', 'li', 'blockquote']);
const attributes = new Set(['href', 'class', 'start']);

/** Fails on anything that an allow-list of ours does not know, and on tags left open. */
function expectHarmless(html: string): void {
  const open: string[] = [];
  const parser = new Parser(
    {
      onopentag: (tag, found) => {
        expect(allowed).toContain(tag);
        for (const [name, value] of Object.entries(found)) {
          expect(attributes).toContain(name);
          if (name === 'href') expect(value).toMatch(/^(?:https?|mailto|tel|matrix|slack|xmpp|ftp|sip):/i);
        }
        open.push(tag);
      },
      onclosetag: (tag, isImplied) => {
        expect(open.pop()).toBe(tag);
        if (tag !== 'br') expect(isImplied).toBe(false);
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  expect(open).toEqual([]);
}

const nasty = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '<script>',
    '"><img src=x>',
    'javascript:alert(1)',
    '<!channel>',
    '&lt;',
    '</a>',
    '``` `*_~',
    '\u202e',
    '\0',
  ),
);

test('B4: whatever an integration writes becomes harmless, well-formed HTML', () => {
  fc.assert(
    fc.property(fc.array(nasty), (parts) => expectHarmless(renderMrkdwn(parts.join(' '), noMentions()).html)),
  );
});

const element: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  element: fc.oneof(
    { depthSize: 'small' },
    fc.record(
      {
        type: fc.constantFrom(
          'text',
          'link',
          'user',
          'emoji',
          'broadcast',
          'rich_text_section',
          'rich_text_list',
          'rich_text_quote',
          'rich_text_preformatted',
          'x',
        ),
        text: nasty,
        url: nasty,
        user_id: nasty,
        name: nasty,
        unicode: nasty,
        range: nasty,
        language: nasty,
        style: fc.oneof(
          fc.constantFrom('bullet', 'ordered'),
          fc.dictionary(fc.constantFrom('bold', 'italic', 'code', 'strike'), fc.boolean()),
        ),
        indent: fc.oneof(fc.integer(), fc.double(), nasty),
        offset: fc.integer(),
        elements: fc.array(tie('element'), { maxLength: 4 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.jsonValue(),
  ),
})).element;

test('B4: whatever blocks hold becomes harmless, well-formed HTML', () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), (elements) =>
      expectHarmless(renderRichText({ type: 'rich_text', elements }, noMentions()).html),
    ),
    { numRuns: 300 },
  );
});
