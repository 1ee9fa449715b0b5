import { isJsonObject } from '../../../matrix/json.ts';
import { emojiOfName } from './emoji.ts';
import { concat, escapeHtml, link, nothing, type Rendered, text } from './html-text.ts';
import type { Mentions } from './rich-text.ts';

/**
 * Renders a `rich_text` block. Nothing in it is taken for granted: unknown elements are skipped, everything
 * that is text is escaped, so any input gives well-formed, harmless HTML.
 */
export function renderRichText(block: unknown, mentions: Mentions): Rendered {
  const elements = listOf(block).filter(isJsonObject);
  const parts: { rendered: Rendered; isBlock: boolean }[] = [];
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    if (element?.type === 'rich_text_list') {
      const lists = elements.slice(index).slice(0, runLength(elements.slice(index)));
      parts.push({ rendered: renderLists(lists, mentions), isBlock: true });
      index += lists.length - 1;
    } else if (element) {
      parts.push(renderBlock(element, mentions));
    }
  }
  return joinBlocks(parts);
}

function runLength(elements: readonly object[]): number {
  const end = elements.findIndex((element) => !('type' in element) || element.type !== 'rich_text_list');
  return end < 0 ? elements.length : end;
}

type Element = { [key: string]: unknown };

function renderBlock(element: Element, mentions: Mentions): { rendered: Rendered; isBlock: boolean } {
  const inline = renderInlines(listOf(element), mentions);
  switch (element.type) {
    case 'rich_text_quote': {
      const body = inline.body.replace(/^/gm, '> ');
      return { rendered: { body, html: `<blockquote>${inline.html}</blockquote>` }, isBlock: true };
    }
    case 'rich_text_preformatted': {
      const code = trimNewline(listOf(element).map(plainOf).join(''));
      const language = typeof element.language === 'string' ? languageClass(element.language) : '';
      return {
        rendered: {
          body: `\`\`\`\n${code}\n\`\`\``,
          html: `<pre><code${language}>${escapeHtml(code)}</code></pre>`,
        },
        isBlock: true,
      };
    }
    default:
      return { rendered: inline, isBlock: false };
  }
}

function languageClass(language: string): string {
  return /^[\w+#-]{1,40}$/.test(language) ? ` class="language-${escapeHtml(language)}"` : '';
}

/** Slack gives a nested list as a sequence of flat ones with indents; at most eight levels here. */
function renderLists(lists: Element[], mentions: Mentions): Rendered {
  const bodies: string[] = [];
  let html = '';
  const open: string[] = [];
  for (const list of lists) {
    const depth = Math.min(Math.max(integerOf(list.indent), 0), 7) + 1;
    const tag = list.style === 'ordered' ? 'ol' : 'ul';
    const first = Math.max(integerOf(list.offset), 0) + 1;
    while (open.length > depth || (open.length === depth && open.at(-1) !== tag))
      html += `</li></${open.pop()}>`;
    const isNew = open.length < depth;
    while (open.length < depth) {
      open.push(tag);
      html += tag === 'ol' && first > 1 && open.length === depth ? `<ol start="${first}">` : `<${tag}>`;
      if (open.length < depth) html += '<li>';
    }
    for (const [index, item] of listOf(list).entries()) {
      const rendered = renderInlines(listOf(item), mentions);
      if (index > 0 || !isNew) html += '</li>';
      html += `<li>${rendered.html}`;
      const marker = tag === 'ol' ? `${first + index}.` : '•';
      bodies.push(`${'  '.repeat(depth - 1)}${marker} ${rendered.body}`);
    }
    if (isNew && listOf(list).length === 0) html += '<li>';
  }
  while (open.length > 0) html += `</li></${open.pop()}>`;
  return { body: bodies.join('\n'), html };
}

function renderInlines(elements: readonly unknown[], mentions: Mentions): Rendered {
  return concat(
    elements.filter(isJsonObject).map((element) => styled(element, renderInline(element, mentions))),
  );
}

function renderInline(element: Element, mentions: Mentions): Rendered {
  switch (element.type) {
    case 'text':
      return text(stringOf(element.text));
    case 'link': {
      const url = stringOf(element.url);
      return link(url, text(stringOf(element.text) || url));
    }
    case 'user': {
      const id = stringOf(element.user_id);
      const user = mentions.users.get(id);
      if (!user) return text(`@${id}`);
      const url = `https://matrix.to/#/${encodeURIComponent(user.userId)}`;
      return { body: user.name, html: `<a href="${escapeHtml(url)}">${escapeHtml(user.name)}</a>` };
    }
    case 'channel': {
      const id = stringOf(element.channel_id);
      const channel = mentions.channels.get(id);
      const label = `#${channel?.name ?? id}`;
      if (!channel?.roomId) return text(label);
      const url = `https://matrix.to/#/${encodeURIComponent(channel.roomId)}`;
      return { body: label, html: `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>` };
    }
    case 'usergroup': {
      const id = stringOf(element.usergroup_id);
      return text(`@${mentions.usergroups.get(id) ?? id}`);
    }
    case 'broadcast':
      return text(`@${stringOf(element.range) || 'channel'}`);
    case 'emoji':
      return text(emojiOf(element));
    case 'date':
      return text(stringOf(element.fallback));
    case 'color':
      return text(stringOf(element.value));
    default:
      return nothing;
  }
}

/** `unicode` is the code points in hexadecimal, skin tone included. */
function emojiOf(element: Element): string {
  const name = stringOf(element.name);
  const codes = stringOf(element.unicode)
    .split('-')
    .map((hex) => Number.parseInt(hex, 16));
  const isUsable = codes.every((code) => code > 0xff && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
  if (isUsable && codes.length <= 12)
    return emojiOfName(toned(name, element.skin_tone)) ?? String.fromCodePoint(...codes);
  return emojiOfName(toned(name, element.skin_tone)) ?? `:${name}:`;
}

function toned(name: string, skinTone: unknown): string {
  return typeof skinTone === 'number' ? `${name}::skin-tone-${skinTone}` : name;
}

/** Marks do not reach over the spaces at their ends, where no client would see them as marks. */
function styled(element: Element, { body, html }: Rendered): Rendered {
  const style = isJsonObject(element.style) ? element.style : {};
  if (body === '') return { body, html };
  let marked = html;
  let plain = body;
  const marks: [name: string, tag: string, sign: string][] = [
    ['code', 'code', '`'],
    ['strike', 'del', '~~'],
    ['italic', 'em', '_'],
    ['bold', 'strong', '**'],
  ];
  for (const [name, tag, sign] of marks) {
    if (style[name] !== true) continue;
    marked = `<${tag}>${marked}</${tag}>`;
    if (plain.trim() !== '') plain = plain.replace(/^(\s*)([\s\S]*?)(\s*)$/, `$1${sign}$2${sign}$3`);
  }
  return { body: plain, html: marked };
}

/** Paragraphs run into blocks without a line break of their own; in the body each begins a line. */
function joinBlocks(parts: readonly { rendered: Rendered; isBlock: boolean }[]): Rendered {
  const bodies: string[] = [];
  let html = '';
  for (const [index, { rendered, isBlock }] of parts.entries()) {
    const next = parts[index + 1];
    const trimmed = next || isBlock ? trimNewline(rendered.body) : rendered.body;
    if (trimmed !== '') bodies.push(trimmed);
    html += next?.isBlock || isBlock ? rendered.html.replace(/<br>$/, '') : rendered.html;
    if (next && !next.isBlock && !isBlock) html += '<br>';
  }
  return { body: bodies.join('\n'), html };
}

function plainOf(element: unknown): string {
  if (!isJsonObject(element)) return '';
  return stringOf(element.text) || stringOf(element.url);
}

function listOf(value: unknown): unknown[] {
  return isJsonObject(value) && Array.isArray(value.elements) ? value.elements : [];
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function integerOf(value: unknown): number {
  return Number.isInteger(value) ? Math.min(value as number, 1_000_000) : 0;
}

function trimNewline(value: string): string {
  return value.replace(/\n$/, '');
}
