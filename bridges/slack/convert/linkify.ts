import type { Inline, TextStyle } from './rich-text.ts';

const urlPattern = /\bhttps?:\/\/[^\s<>"'`]{1,2000}/gi;

/** Bare URLs as links: in rich text Slack makes none by itself. */
export function linkified(value: string, style: TextStyle): Inline[] {
  const styled = Object.keys(style).length > 0 ? { style } : {};
  const inlines: Inline[] = [];
  let end = 0;
  for (const match of value.matchAll(urlPattern)) {
    const url = withoutTail(match[0]);
    if (match.index > end) inlines.push({ type: 'text', text: value.slice(end, match.index), ...styled });
    inlines.push({ type: 'link', url, ...styled });
    end = match.index + url.length;
  }
  if (end < value.length) inlines.push({ type: 'text', text: value.slice(end), ...styled });
  return inlines;
}

/** Punctuation at the end is the sentence's, and a closing bracket only the URL's if it opened one. */
function withoutTail(url: string): string {
  let kept = url;
  for (;;) {
    const last = kept.at(-1) ?? '';
    const isStray = last === ')' && kept.split('(').length < kept.split(')').length;
    if (!isStray && !'.,;:!?*_~'.includes(last)) return kept;
    kept = kept.slice(0, -1);
  }
}
