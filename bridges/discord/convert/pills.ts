import { type HtmlElement, walkElements } from './parse-html.ts';

/** A link to somebody or something of Matrix. */
export type Pill =
  | { kind: 'user'; userId: string }
  | { kind: 'room'; room: string }
  | { kind: 'event'; room: string; eventId: string };

/** Appendices, "matrix.to navigation" and "Matrix URI scheme". */
export function pillOf(href: string): Pill | undefined {
  const fragment = /^https:\/\/matrix\.to\/#\/([^?]+)/i.exec(href)?.[1];
  if (fragment !== undefined) return pillFrom(fragment.split('/'));
  const uri = /^matrix:([^?]+)/i.exec(href)?.[1];
  return uri === undefined ? undefined : pillFrom(sigils(uri.split('/')));
}

function pillFrom(parts: readonly string[]): Pill | undefined {
  const [first = '', second] = parts.map(decoded);
  if (first.startsWith('@')) return { kind: 'user', userId: first };
  if (!first.startsWith('!') && !first.startsWith('#')) return undefined;
  return second?.startsWith('$')
    ? { kind: 'event', room: first, eventId: second }
    : { kind: 'room', room: first };
}

function sigils(parts: readonly string[]): string[] {
  const marks: Record<string, string> = { u: '@', r: '#', roomid: '!', e: '$' };
  const found: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) found.push((marks[parts[at] ?? ''] ?? '') + parts[at + 1]);
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function pillsIn(root: HtmlElement): Pill[] {
  const pills: Pill[] = [];
  walkElements(root, ({ tag, attributes }) => {
    const pill = tag === 'a' ? pillOf(attributes.href ?? '') : undefined;
    if (pill) pills.push(pill);
  });
  return pills;
}
