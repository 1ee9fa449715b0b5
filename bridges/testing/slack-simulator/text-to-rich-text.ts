/** A `rich_text` block, as a person's Slack client sends one beside the text. */
export interface RichTextBlock {
  type: 'rich_text';
  block_id: string;
  elements: unknown[];
}

interface Style {
  bold?: true;
  italic?: true;
  strike?: true;
  code?: true;
}

type Inline = Record<string, unknown>;

const markers: [string, keyof Style][] = [
  ['*', 'bold'],
  ['_', 'italic'],
  ['~', 'strike'],
];

function unescapeMrkdwn(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function styled(element: Inline, style: Style): Inline {
  return Object.keys(style).length > 0 ? { ...element, style: { ...style } } : element;
}

/** `<…>`: user, channel, usergroup, broadcast or link. */
function angle(inner: string, style: Style): Inline {
  const [target = '', label] = inner.split('|');
  if (target.startsWith('@')) return styled({ type: 'user', user_id: target.slice(1) }, style);
  if (target.startsWith('#')) return styled({ type: 'channel', channel_id: target.slice(1) }, style);
  if (target.startsWith('!subteam^'))
    return styled({ type: 'usergroup', usergroup_id: target.slice(9) }, style);
  if (target.startsWith('!')) return styled({ type: 'broadcast', range: target.slice(1) }, style);
  const link: Inline = { type: 'link', url: unescapeMrkdwn(target) };
  if (label) link.text = unescapeMrkdwn(label);
  return styled(link, style);
}

/** The inline elements of one run of text. Nested styles are followed; unmatched markers stay text. */
function inlines(text: string, style: Style): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  const flush = () => {
    if (plain) out.push(styled({ type: 'text', text: unescapeMrkdwn(plain) }, style));
    plain = '';
  };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const token = /^<([^<>\n]+)>/.exec(rest);
    const emoji = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/.exec(rest);
    const code = /^`([^`\n]+)`/.exec(rest);
    const marker = markers.find(([mark, name]) => !style[name] && opens(text, at, mark));
    if (token?.[1]) {
      flush();
      out.push(angle(token[1], style));
      at += token[0].length;
    } else if (code?.[1]) {
      flush();
      out.push(styled({ type: 'text', text: unescapeMrkdwn(code[1]) }, { ...style, code: true }));
      at += code[0].length;
    } else if (emoji?.[1]) {
      flush();
      const [name = '', tone] = emoji[1].split('::skin-tone-');
      out.push({ type: 'emoji', name, ...(tone ? { skin_tone: Number(tone) } : {}) });
      at += emoji[0].length;
    } else if (marker) {
      flush();
      const end = closing(text, at, marker[0]);
      out.push(...inlines(text.slice(at + 1, end), { ...style, [marker[1]]: true }));
      at = end + 1;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function closing(text: string, at: number, mark: string): number {
  for (let end = at + 2; end < text.length && text[end] !== '\n'; end++) {
    if (text[end] === mark && text[end - 1] !== ' ' && !/\w/.test(text[end + 1] ?? '')) return end;
  }
  return -1;
}

function opens(text: string, at: number, mark: string): boolean {
  if (text[at] !== mark || /[\w]/.test(text[at - 1] ?? '') || /\s/.test(text[at + 1] ?? ' ')) return false;
  return closing(text, at, mark) > 0;
}

/** The block that Slack's client would have made of a message written as mrkdwn text. */
export function textToRichText(text: string, blockId: string): RichTextBlock {
  const elements: unknown[] = [];
  for (const piece of text.split(/(```[\s\S]+?```)/)) {
    const code = /^```\n?([\s\S]+?)\n?```$/.exec(piece);
    if (code?.[1]) {
      elements.push({
        type: 'rich_text_preformatted',
        elements: [{ type: 'text', text: unescapeMrkdwn(code[1]) }],
        border: 0,
      });
    } else if (piece) elements.push(...lines(piece));
  }
  return { type: 'rich_text', block_id: blockId, elements };
}

type LineKind = 'section' | 'quote' | 'bullet' | 'ordered';

const linePatterns: [LineKind, RegExp][] = [
  ['quote', /^(?:>|&gt;) ?/],
  ['bullet', /^[•◦] ?/],
  ['ordered', /^\d+\. /],
];

function lines(text: string): unknown[] {
  const groups: { kind: LineKind; lines: string[] }[] = [];
  for (const line of text.replace(/^\n|\n$/g, '').split('\n')) {
    const [kind, pattern] = linePatterns.find(([, p]) => p.test(line)) ?? ['section' as const, /^/];
    const last = groups.at(-1);
    const content = line.replace(pattern, '');
    if (last?.kind === kind) last.lines.push(content);
    else groups.push({ kind, lines: [content] });
  }
  return groups.map((group) => {
    if (group.kind === 'bullet' || group.kind === 'ordered') {
      const elements = group.lines.map((line) => ({
        type: 'rich_text_section',
        elements: inlines(line, {}),
      }));
      return { type: 'rich_text_list', style: group.kind, indent: 0, border: 0, elements };
    }
    const type = group.kind === 'quote' ? 'rich_text_quote' : 'rich_text_section';
    return { type, elements: inlines(group.lines.join('\n'), {}) };
  });
}
