import type { Block } from './markdown-nodes.ts';
import { parseInline } from './parse-inline.ts';

/** A list or quote inside of more than this many others is text. */
const maxDepth = 8;

/** Reads Discord's markdown. Never fails: what is no markup is text. */
export function parseMarkdown(source: string, depth = 0): Block[] {
  const blocks: Block[] = [];
  let rest = source.replaceAll('\r\n', '\n');
  let text = '';
  const flush = () => {
    const trimmed = text.replace(/^\n/, '').replace(/\n$/, '');
    if (trimmed !== '') blocks.push({ kind: 'text', children: parseInline(trimmed) });
    text = '';
  };
  while (rest !== '') {
    const found = depth < maxDepth ? readBlock(rest, depth) : undefined;
    if (found) {
      flush();
      blocks.push(found.block);
      rest = rest.slice(found.length);
      continue;
    }
    const lineEnd = rest.indexOf('\n');
    const line = lineEnd < 0 ? rest : rest.slice(0, lineEnd + 1);
    const fenceAt = fenceIn(rest, line);
    text += fenceAt === undefined ? line : rest.slice(0, fenceAt);
    rest = rest.slice(fenceAt ?? line.length);
  }
  flush();
  return blocks;
}

interface Found {
  block: Block;
  /** Characters read, the newline after the block included. */
  length: number;
}

const heading = /^(#{1,3})[ \t]+(\S[^\n]*)(?:\n|$)/;
const subtext = /^-#[ \t]+(\S[^\n]*)(?:\n|$)/;
const quoteToEnd = /^>>> ?([\s\S]+)$/;
const quoteLines = /^(?:> [^\n]*(?:\n|$))+/;
const listItem =
  /^( {0,8})(?:[-*]|([0-9]{1,9})\.)[ \t]+(\S[^\n]*(?:\n {2,}(?![-*] |[0-9]+\. )\S[^\n]*)*)(?:\n|$)/;

function readBlock(text: string, depth: number): Found | undefined {
  const code = readFence(text);
  if (code) return code;
  const title = heading.exec(text);
  if (title) {
    const level = (title[1]?.length ?? 1) as 1 | 2 | 3;
    return found(title, { kind: 'heading', level, children: parseInline(title[2] ?? '') });
  }
  const small = subtext.exec(text);
  if (small) return found(small, { kind: 'subtext', children: parseInline(small[1] ?? '') });
  const rest = quoteToEnd.exec(text);
  if (rest) return found(rest, { kind: 'quote', children: parseMarkdown(rest[1] ?? '', depth + 1) });
  const quoted = quoteLines.exec(text);
  if (quoted) {
    const inner = quoted[0].replace(/^> /gm, '').replace(/\n$/, '');
    return found(quoted, { kind: 'quote', children: parseMarkdown(inner, depth + 1) });
  }
  return readList(text, depth);
}

/** Without regular expressions, since a hostile message is full of fences. */
function readFence(text: string): Found | undefined {
  if (!text.startsWith('```')) return undefined;
  const closeAt = text.indexOf('```', 4);
  const inner = text.slice(3, closeAt);
  if (closeAt < 0 || inner.trim() === '') return undefined;
  const [, language = '', code = ''] = /^(?:([A-Za-z0-9_+\-.#]{1,30})\n)?\n?([\s\S]*)$/.exec(inner) ?? [];
  const length = closeAt + (text.charAt(closeAt + 3) === '\n' ? 4 : 3);
  return { block: { kind: 'code', language, text: code.replace(/\n$/, '') }, length };
}

function found([whole]: RegExpExecArray, block: Block): Found {
  return { block, length: whole.length };
}

/** Items of the same or deeper indentation; deeper ones belong to the item before. */
function readList(text: string, depth: number): Found | undefined {
  const first = listItem.exec(text);
  if (!first) return undefined;
  const indent = first[1]?.length ?? 0;
  const isOrdered = first[2] !== undefined;
  const items: Block[][] = [];
  let length = 0;
  for (;;) {
    const item = listItem.exec(text.slice(length));
    if (!item) break;
    const itemIndent = item[1]?.length ?? 0;
    if (itemIndent < indent) break;
    if (itemIndent > indent + 1 && items.length > 0) {
      const nested = depth < maxDepth ? readList(text.slice(length), depth + 1) : undefined;
      if (nested) {
        items.at(-1)?.push(nested.block);
        length += nested.length;
        continue;
      }
    } else if ((item[2] !== undefined) !== isOrdered) break;
    const content = (item[3] ?? '').replace(/\n {2,}/g, '\n');
    items.push([{ kind: 'text', children: parseInline(content) }]);
    length += item[0].length;
  }
  return { block: { kind: 'list', start: isOrdered ? Number(first[2]) : undefined, items }, length };
}

/** Where in this line a code block begins that is closed somewhere. */
function fenceIn(rest: string, line: string): number | undefined {
  for (let at = line.indexOf('```', 1); at > 0; at = line.indexOf('```', at + 3)) {
    if (rest.charAt(at - 1) !== '\\' && readFence(rest.slice(at))) return at;
  }
  return undefined;
}
