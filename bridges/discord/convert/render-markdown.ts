import { escapeMarkdown } from './escape-markdown.ts';
import type { HtmlElement, HtmlNode } from './parse-html.ts';
import { textOf } from './parse-html.ts';
import { type Pill, pillOf } from './pills.ts';

/** What a pill becomes on Discord (`<@…>`, `<#…>`, a link); `undefined`: it is no pill that Discord knows. */
export type PillText = (pill: Pill) => string | undefined;

const blockTags = new Set([
  ...['p', 'div', 'blockquote', 'pre', 'ul', 'ol', 'li', 'table', 'tr', 'hr', 'details', 'summary'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
]);

const wraps: Record<string, string> = {
  b: '**',
  strong: '**',
  i: '*',
  em: '*',
  u: '__',
  ins: '__',
  s: '~~',
  del: '~~',
  strike: '~~',
};

/** The HTML of a Matrix message as Discord's markdown. */
export function renderMarkdown(root: HtmlElement, pillText: PillText): string {
  const text = renderChildren(root, { pillText, active: [] });
  return text
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

interface Context {
  pillText: PillText;
  /** Marks that are open, so that none is opened twice. */
  active: readonly string[];
}

function renderChildren(element: HtmlElement, context: Context): string {
  let out = '';
  for (const child of element.children) {
    const text = renderNode(child, context);
    if (text === '') continue;
    if (isBlock(child)) {
      out = startLine(out) + text;
      out = `${out.replace(/\n+$/, '')}\n${isSpaced(child) ? '\n' : ''}`;
    } else {
      // Two marks that touch would be read as one.
      const touches =
        /[*_~|`]$/.test(out) && text.charAt(0) === out.at(-1) && !out.endsWith(`\\${out.at(-1)}`);
      out +=
        (touches ? '\u200b' : '') + (out === '' || out.endsWith('\n') ? text.replace(/^[ \t]+/, '') : text);
    }
  }
  return out;
}

function startLine(out: string): string {
  return out === '' || out.endsWith('\n') ? out : `${out}\n`;
}

function isBlock(node: HtmlNode): boolean {
  return typeof node !== 'string' && blockTags.has(node.tag);
}

function isSpaced(node: HtmlNode): boolean {
  return typeof node !== 'string' && node.tag === 'p';
}

function renderNode(node: HtmlNode, context: Context): string {
  // Newlines are spaces in HTML; line breaks have a tag.
  if (typeof node === 'string') return escapeMarkdown(node.replace(/\s+/g, ' '));
  const wrap = wraps[node.tag];
  if (wrap) return wrapped(node, wrap, context);
  switch (node.tag) {
    case 'br':
      return '\n';
    case 'hr':
      return '⸻';
    case 'code':
      return inlineCode(textOf(node));
    case 'pre':
      return codeBlock(node);
    case 'blockquote':
      return `${renderChildren(node, context).trim().replace(/^/gm, '> ')}\n`;
    case 'ul':
    case 'ol':
      return renderList(node, context);
    case 'h1':
    case 'h2':
    case 'h3':
      return `${'#'.repeat(Number(node.tag.charAt(1)))} ${oneLine(renderChildren(node, context))}\n`;
    case 'h4':
    case 'h5':
    case 'h6':
      return wrapped(node, '**', context);
    case 'sub':
    case 'sup':
      return renderChildren(node, context);
    case 'a':
      return renderLink(node, context);
    case 'img':
      return escapeMarkdown(node.attributes.alt ?? node.attributes.title ?? '');
    case 'td':
    case 'th':
      return `${renderChildren(node, context).trim()} | `;
    case 'span':
      return renderSpan(node, context);
    default:
      return renderChildren(node, context);
  }
}

/** Blanks at the ends go outside, where Discord wants them. */
function wrapped(node: HtmlElement, mark: string, context: Context): string {
  const isOpen = context.active.includes(mark);
  const inner = renderChildren(node, { ...context, active: [...context.active, mark] });
  const text = inner.trim();
  if (isOpen || text === '') return inner;
  const at = inner.indexOf(text);
  return inner.slice(0, at) + mark + text + mark + inner.slice(at + text.length);
}

function renderSpan(node: HtmlElement, context: Context): string {
  const reason = node.attributes['data-mx-spoiler'];
  if (reason === undefined) return renderChildren(node, context);
  const hidden = wrapped(node, '||', context);
  return reason === '' ? hidden : `(${escapeMarkdown(reason)}) ${hidden}`;
}

function inlineCode(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  if (line.trim() === '') return line;
  if (!line.includes('`')) return `\`${line}\``;
  // Discord has one or two backticks as a fence; with a pair inside, a look-alike is the best there is.
  const inner = line.replace(/`{2,}/g, (run) => 'ˋ'.repeat(run.length));
  return `\`\`${inner.startsWith('`') ? ' ' : ''}${inner}${inner.endsWith('`') ? ' ' : ''}\`\``;
}

function codeBlock(node: HtmlElement): string {
  const code = node.children.find((child) => typeof child !== 'string' && child.tag === 'code');
  const css = typeof code === 'object' ? (code.attributes.class ?? '') : '';
  const language = /(?:^|\s)language-([A-Za-z0-9_+\-.#]{1,30})/.exec(css)?.[1] ?? '';
  const text = textOf(node).replace(/\n$/, '').replaceAll('```', '`\u200b`\u200b`');
  return text.trim() === '' ? '' : `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function renderList(node: HtmlElement, context: Context): string {
  let number = Number.parseInt(node.attributes.start ?? '1', 10) || 1;
  const items = node.children.flatMap((child) => {
    if (typeof child === 'string' || child.tag !== 'li') return [];
    const bullet = node.tag === 'ol' ? `${number++}. ` : '- ';
    return [
      bullet +
        renderChildren(child, context)
          .trim()
          .replaceAll('\n', `\n${' '.repeat(bullet.length)}`),
    ];
  });
  return items.length === 0 ? '' : `${items.join('\n')}\n`;
}

function renderLink(node: HtmlElement, context: Context): string {
  const { href = '' } = node.attributes;
  const pill = pillOf(href);
  const pillText = pill && context.pillText(pill);
  if (pillText !== undefined) return pillText;
  const label = oneLine(renderChildren(node, context));
  if (!/^https?:\/\/[^\s<>]+$/i.test(href)) return label;
  const text = textOf(node).trim();
  if (text === href || text === '') return href;
  return `[${label}](${href.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
