import { type Block, type Inline, walkInlines } from './markdown-nodes.ts';
import { mentionsOf } from './mentions-of.ts';
import type { Names } from './names.ts';
import { parseMarkdown } from './parse-markdown.ts';
import { escapeHtml, renderHtml } from './render-html.ts';
import { renderPlain } from './render-plain.ts';

/** A text in both of the forms that a Matrix message has. */
export interface RichText {
  html: string;
  body: string;
}

export function fromMarkdown(source: string, names: Names): RichText {
  const blocks = parseMarkdown(source);
  return { html: renderHtml(blocks, names), body: renderPlain(blocks, names) };
}

export function fromPlain(text: string): RichText {
  return { html: escapeHtml(text).replaceAll('\n', '<br>'), body: text };
}

/** One below the other. */
export function joinTexts(texts: readonly RichText[]): RichText {
  const there = texts.filter(({ body }) => body !== '');
  return {
    html: there
      .map(({ html }) => html)
      .reduce((all, html) => (all === '' || isBlockEdge(all, html) ? all + html : `${all}<br>${html}`), ''),
    body: there.map(({ body }) => body).join('\n'),
  };
}

function isBlockEdge(before: string, after: string): boolean {
  return (
    /<\/(?:blockquote|pre|ul|ol|p|h[1-3])>$/.test(before) || /^<(?:blockquote|pre|ul|ol|p|h[1-3])/.test(after)
  );
}

export function quoted({ html, body }: RichText): RichText {
  return { html: `<blockquote>${html}</blockquote>`, body: body.replace(/^/gm, '> ') };
}

/** Content of a message, with HTML only if that says more than the text. */
export function textContent(text: RichText): { body: string; format?: string; formatted_body?: string } {
  const plain = fromPlain(text.body).html;
  if (text.html === plain) return { body: text.body };
  return { body: text.body, format: 'org.matrix.custom.html', formatted_body: text.html };
}

/** Everybody and everything that the texts mention. */
export function mentionsIn(sources: readonly string[]): ReturnType<typeof mentionsOf> {
  const blocks: Block[] = sources.flatMap((source) => parseMarkdown(source));
  const nodes: Inline[] = [];
  walkInlines(blocks, (node) => nodes.push(node));
  return mentionsOf(nodes);
}
