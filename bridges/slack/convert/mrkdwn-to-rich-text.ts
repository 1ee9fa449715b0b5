import type { Inline, RichText, RichTextElement, TextStyle } from './rich-text.ts';

/**
 * Reads Slack's mrkdwn, the older form that integrations still write, as rich text. Its grammar is known only
 * by what Slack's clients do: marks bind at word borders, on one line; `<…>` is a link or mention; only
 * `&amp;`, `&lt;` and `&gt;` are escapes.
 */
export function parseMrkdwn(source: string): RichText {
  const elements: RichTextElement[] = [];
  for (const [index, piece] of source.split('```').entries()) {
    const isCode = index % 2 === 1;
    if (isCode) elements.push(preformatted(piece));
    else elements.push(...parseLines(piece, index > 0));
  }
  return { type: 'rich_text', elements };
}

function preformatted(piece: string): RichTextElement {
  const code = decodeEntities(piece.replace(/^\n|\n$/g, '').replace(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, '$1'));
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: code }] };
}

/** Lines that begin with `>` are a quote; the others a section. */
function parseLines(piece: string, afterCode: boolean): RichTextElement[] {
  const lines = (afterCode ? piece.replace(/^\n/, '') : piece).split('\n');
  const elements: RichTextElement[] = [];
  let run: { quote: boolean; lines: string[] } | undefined;
  const flush = () => {
    if (!run) return;
    const inlines = parseInlines(run.lines.join('\n'), {});
    if (inlines.length === 0) return;
    elements.push({ type: run.quote ? 'rich_text_quote' : 'rich_text_section', elements: inlines });
  };
  for (const line of lines) {
    const quoted = /^(?:&gt;|>) ?/.exec(line)?.[0];
    const quote = quoted !== undefined;
    if (run?.quote !== quote) {
      flush();
      run = { quote, lines: [] };
    }
    run.lines.push(quote ? line.slice(quoted.length) : line);
  }
  flush();
  return elements;
}

const token =
  /`([^`\n]+)`|<([^<>\n]{1,4000})>|(?<![\p{L}\p{N}])\*(?![\s*])([^*\n]*?[^\s*])\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_(?![\s_])([^_\n]*?[^\s_])_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])~(?![\s~])([^~\n]*?[^\s~])~(?![\p{L}\p{N}])|:([a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?):/u;

/** How deep marks may be nested; deeper ones stay as they are written. */
const maxDepth = 6;

function parseInlines(source: string, style: TextStyle, depth = 0): Inline[] {
  const inlines: Inline[] = [];
  let rest = source;
  while (rest !== '') {
    const match = depth < maxDepth ? token.exec(rest) : null;
    if (!match) break;
    pushText(inlines, rest.slice(0, match.index), style);
    inlines.push(...fromToken(match, style, depth));
    rest = rest.slice(match.index + match[0].length);
  }
  pushText(inlines, rest, style);
  return inlines;
}

function fromToken(match: RegExpExecArray, style: TextStyle, depth: number): Inline[] {
  const [, code, angle, bold, italic, strike, emoji] = match;
  if (code !== undefined) {
    return [{ type: 'text', text: decodeEntities(code), style: { ...style, code: true } }];
  }
  if (angle !== undefined) return [withStyle(parseAngle(angle), style)];
  if (bold !== undefined) return parseInlines(bold, { ...style, bold: true }, depth + 1);
  if (italic !== undefined) return parseInlines(italic, { ...style, italic: true }, depth + 1);
  if (strike !== undefined) return parseInlines(strike, { ...style, strike: true }, depth + 1);
  return [withStyle({ type: 'emoji', name: emoji ?? '' }, style)];
}

/** `<@U1|name>`, `<#C1|name>`, `<!here>`, `<!subteam^S1|@name>`, `<!date^…|fallback>`, `<url|label>`. */
function parseAngle(inside: string): Inline {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : decodeEntities(inside.slice(bar + 1));
  if (/^@[A-Z0-9]+$/.test(target)) return { type: 'user', user_id: target.slice(1) };
  if (/^#[A-Z0-9]+$/.test(target)) return { type: 'channel', channel_id: target.slice(1) };
  if (target.startsWith('!')) return parseCommand(target.slice(1), label);
  const url = decodeEntities(target);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return { type: 'text', text: `<${decodeEntities(inside)}>` };
  return { type: 'link', url, ...(label === undefined || label === '' ? {} : { text: label }) };
}

function parseCommand(command: string, label: string | undefined): Inline {
  if (command === 'here' || command === 'channel' || command === 'everyone') {
    return { type: 'broadcast', range: command };
  }
  const usergroup = /^subteam\^([A-Z0-9]+)$/.exec(command)?.[1];
  if (usergroup && !label) return { type: 'usergroup', usergroup_id: usergroup };
  return { type: 'text', text: label ?? decodeEntities(command) };
}

function withStyle(inline: Inline, style: TextStyle): Inline {
  return Object.keys(style).length === 0 ? inline : { ...inline, style };
}

function pushText(inlines: Inline[], raw: string, style: TextStyle): void {
  if (raw !== '') inlines.push(withStyle({ type: 'text', text: decodeEntities(raw) }, style));
}

export function decodeEntities(source: string): string {
  return source.replace(/&(amp|lt|gt);/g, (_, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : '>',
  );
}
