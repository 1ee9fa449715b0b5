import { parseSnowflake } from '../snowflake.ts';
import type { Inline, InlineStyle, MentionKind } from './markdown-nodes.ts';

/** Deeper than anybody nests; what is deeper stays text, so that a hostile message costs no stack. */
const maxDepth = 12;

type Rule = (match: RegExpExecArray, depth: number) => Inline | undefined;

const styled =
  (style: InlineStyle): Rule =>
  (match, depth) => ({ kind: 'style', style, children: parseInline(match[1] ?? '', depth + 1) });

const mention =
  (of: MentionKind): Rule =>
  (match) => {
    const id = parseSnowflake(match[1]);
    return id && { kind: 'mention', of, id };
  };

/** In the order in which Discord's own client tries them; all patterns are sticky. */
const rules: readonly [pattern: RegExp, rule: Rule][] = [
  // The shrug keeps its arm.
  [/¯\\_\(ツ\)_\/¯/y, (match) => ({ kind: 'text', text: match[0] })],
  [/\\([^0-9A-Za-z\s])/y, (match) => ({ kind: 'text', text: match[1] ?? '' })],
  [
    /(`+)([^`](?:[^`]|(?!\1(?!`))`)*?)\1(?!`)/y,
    (match) => ({ kind: 'code', text: codeText(match[2] ?? '') }),
  ],
  [/<@!?([0-9]+)>/y, mention('user')],
  [/<@&([0-9]+)>/y, mention('role')],
  [/<#([0-9]+)>/y, mention('channel')],
  [
    /<a?:([A-Za-z0-9_]{2,32}):([0-9]+)>/y,
    (match) => {
      const id = parseSnowflake(match[2]);
      return id && { kind: 'emoji', name: match[1] ?? '', id };
    },
  ],
  [
    /<t:(-?[0-9]{1,13})(?::([tTdDfFRsS]))?>/y,
    (match) => ({ kind: 'timestamp', seconds: Number(match[1]), style: match[2] ?? 'f' }),
  ],
  [/<(\/[^:<>\n]{1,100}):[0-9]+>/y, (match) => ({ kind: 'text', text: match[1] ?? '' })],
  [/<(https?:\/\/[^\s<>]+)>/y, (match) => bareLink(match[1] ?? '')],
  [
    /\[([^\]\n]{1,1000})\]\(\s*<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\s*\)/y,
    (match, depth) => {
      const children = parseInline(match[1] ?? '', depth + 1);
      return { kind: 'link', url: match[2] ?? '', children };
    },
  ],
  [/https?:\/\/[^\s<]+/y, (match) => bareLink(withoutTrail(match[0]))],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, styled('bold')],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, styled('underline')],
  [/~~((?:\\[\s\S]|[^\\])+?)~~/y, styled('strike')],
  [/\|\|((?:\\[\s\S]|[^\\])+?)\|\|/y, styled('spoiler')],
  [/\*(?=\S)((?:\*\*|\\[\s\S]|[^\\*])+?)(?<!\s)\*(?!\*)/y, styled('italic')],
  [/(?<![0-9A-Za-z_])_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z_])/y, styled('italic')],
  [/\n/y, () => ({ kind: 'break' })],
];

/** Where a rule could begin; all else is text. */
const mayBegin = /[\\`<[*_~|\n¯]|https?:\/\//g;

/** Parses what stands within a line or paragraph. */
export function parseInline(text: string, depth = 0): Inline[] {
  const nodes: Inline[] = [];
  let at = 0;
  while (at < text.length) {
    mayBegin.lastIndex = at;
    const next = depth > maxDepth ? text.length : (mayBegin.exec(text)?.index ?? text.length);
    if (next > at) pushText(nodes, text.slice(at, next));
    at = next;
    if (at >= text.length) break;
    const [node, length] = applyRules(text, at, depth);
    if (node.kind === 'text') pushText(nodes, node.text);
    else nodes.push(node);
    at += length;
  }
  return nodes;
}

function applyRules(text: string, at: number, depth: number): [node: Inline, length: number] {
  for (const [pattern, rule] of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const node = rule(match, depth);
    if (!node) continue;
    const isBareUrl = node.kind === 'link' && match[0].startsWith('http');
    return [node, isBareUrl ? node.url.length : match[0].length];
  }
  return [{ kind: 'text', text: text.charAt(at) }, 1];
}

function pushText(nodes: Inline[], text: string): void {
  const last = nodes.at(-1);
  if (last?.kind === 'text') last.text += text;
  else nodes.push({ kind: 'text', text });
}

function bareLink(url: string): Inline {
  return { kind: 'link', url, children: [{ kind: 'text', text: url }] };
}

/** Punctuation after an address belongs to the sentence, and a parenthesis only if it was opened inside. */
function withoutTrail(url: string): string {
  let end = url.length;
  let open = 0;
  for (const char of url) open += char === '(' ? 1 : char === ')' ? -1 : 0;
  for (; end > 'https://x'.length; end--) {
    const last = url.charAt(end - 1);
    if (last === ')' && open < 0) open += 1;
    else if (!/[.,:;!?"'\]*_~|]/.test(last)) break;
  }
  return url.slice(0, end);
}

/** `` ` `` at an end of the code is set off by a space there. */
function codeText(text: string): string {
  return text.replace(/^ (?=`)/, '').replace(/(?<=`) $/, '');
}
