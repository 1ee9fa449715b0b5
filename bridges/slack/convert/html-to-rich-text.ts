import { Parser } from 'htmlparser2';
import { isSafeUrl } from './html-text.ts';
import { linkified } from './linkify.ts';
import type { Inline, RichText, TextStyle } from './rich-text.ts';
import { type Place, RichTextBuilder } from './rich-text-builder.ts';

/** What a matrix.to link stands for in Slack; `undefined` leaves it a link. */
export type ResolvePill = (target: string) => Inline | undefined;

const styles: Record<string, TextStyle> = {
  b: { bold: true },
  strong: { bold: true },
  i: { italic: true },
  em: { italic: true },
  s: { strike: true },
  del: { strike: true },
  strike: { strike: true },
  code: { code: true },
  tt: { code: true },
  h1: { bold: true },
  h2: { bold: true },
  h3: { bold: true },
  h4: { bold: true },
  h5: { bold: true },
  h6: { bold: true },
  th: { bold: true },
};

/** Blocks with an empty line around them, and those that only begin a line. */
const paragraphs = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'details']);
const lines = new Set(['div', 'tr', 'summary', 'caption']);
/** Elements that are not shown, contents included. */
const hidden = new Set(['mx-reply', 'script', 'style', 'title', 'head', 'textarea', 'svg', 'math', 'iframe']);
const maxDepth = 100;

interface Open {
  tag: string;
  style: TextStyle;
  pill?: Inline | undefined;
  url?: string | undefined;
}

/**
 * Reads the HTML of a Matrix message by an allow-list as Slack's rich text. Text stays text: nothing in it is
 * read as markup of Slack's, so it cannot mention or link. Never throws.
 */
export function htmlToRichText(html: string, resolvePill: ResolvePill): RichText {
  const walker = new Walker(resolvePill);
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => walker.open(tag, attributes),
      ontext: (text) => walker.text(text),
      onclosetag: (tag) => walker.close(tag),
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(html);
  return walker.end();
}

class Walker {
  readonly #builder = new RichTextBuilder();
  readonly #resolvePill: ResolvePill;
  readonly #open: Open[] = [];
  readonly #place: Place = { lists: [], inItem: false, isQuote: false, code: undefined };
  #hiddenDepth = 0;
  #quoteDepth = 0;

  constructor(resolvePill: ResolvePill) {
    this.#resolvePill = resolvePill;
  }

  open(tag: string, attributes: Record<string, string>): void {
    if (this.#hiddenDepth > 0 || hidden.has(tag)) {
      this.#hiddenDepth += 1;
      return;
    }
    const isDeep = this.#open.length >= maxDepth;
    const style = isDeep ? this.#style : { ...this.#style, ...(this.#place.code ? {} : styles[tag]) };
    this.#open.push({ tag, style, ...this.#linkOf(tag, attributes) });
    if (!isDeep) this.#enter(tag, attributes);
  }

  text(text: string): void {
    if (this.#hiddenDepth > 0) return;
    if (this.#place.code) {
      this.#builder.text(text, {});
      return;
    }
    const { pill, url } = this.#link;
    if (pill) return;
    const collapsed = text.replace(/[ \t\r\n\f]+/g, ' ');
    const value = this.#builder.atLineStart ? collapsed.replace(/^ /, '') : collapsed;
    if (value === '') return;
    const style = this.#style;
    if (url !== undefined) this.#builder.add({ type: 'link', url, text: value, ...styleOf(style) });
    else if (style.code) this.#builder.text(value, style);
    else for (const inline of linkified(value, style)) this.#builder.add(inline);
  }

  close(tag: string): void {
    if (this.#hiddenDepth > 0) {
      this.#hiddenDepth -= 1;
      return;
    }
    const open = this.#open.pop();
    if (open?.pill) this.#builder.add(open.pill);
    if (this.#open.length < maxDepth) this.#leave(tag);
  }

  end(): RichText {
    this.#builder.flush(this.#place);
    return this.#builder.build();
  }

  get #style(): TextStyle {
    return this.#open.at(-1)?.style ?? {};
  }

  get #link(): Pick<Open, 'pill' | 'url'> {
    return this.#open.findLast((open) => open.tag === 'a') ?? {};
  }

  #linkOf(tag: string, { href }: Record<string, string>): Pick<Open, 'pill' | 'url'> {
    if (tag !== 'a' || href === undefined) return {};
    const target = pillTarget(href);
    return {
      pill: target === undefined ? undefined : this.#resolvePill(target),
      url: isSafeUrl(href) ? href : undefined,
    };
  }

  #enter(tag: string, attributes: Record<string, string>): void {
    const place = this.#place;
    if (tag === 'br') this.#builder.lineBreak();
    else if (tag === 'hr') this.#rule();
    else if (tag === 'img') this.#builder.text(attributes.alt ?? attributes.title ?? '', this.#style);
    else if (tag === 'pre')
      this.#change(() => {
        place.code = { language: undefined };
      });
    else if (tag === 'code' && place.code)
      place.code.language = /\blanguage-([\w+#-]{1,40})/.exec(attributes.class ?? '')?.[1];
    else if (tag === 'blockquote')
      this.#change(() => {
        this.#quoteDepth += 1;
        place.isQuote = true;
      });
    else if (tag === 'ul' || tag === 'ol') this.#change(() => place.lists.push(newList(tag, attributes)));
    else if (tag === 'li') this.#change(() => undefined);
    else if (tag === 'td' || tag === 'th') this.#cell();
    else if (paragraphs.has(tag)) this.#builder.lineBreaks(2);
    else if (lines.has(tag)) this.#builder.lineBreaks(1);
  }

  #leave(tag: string): void {
    const place = this.#place;
    if (tag === 'pre')
      this.#change(() => {
        place.code = undefined;
      });
    else if (tag === 'blockquote') {
      this.#change(() => {
        this.#quoteDepth = Math.max(0, this.#quoteDepth - 1);
        place.isQuote = this.#quoteDepth > 0;
      });
    } else if (tag === 'ul' || tag === 'ol') this.#change(() => place.lists.pop());
    else if (tag === 'li') this.#change(() => undefined);
    else if (paragraphs.has(tag)) this.#builder.lineBreaks(2);
    else if (lines.has(tag)) this.#builder.lineBreaks(1);
  }

  /** What was said so far belongs to where it was said. */
  #change(change: () => unknown): void {
    this.#builder.flush(this.#place);
    change();
  }

  #rule(): void {
    this.#builder.lineBreaks(1);
    this.#builder.text('———', {});
    this.#builder.lineBreaks(1);
  }

  #cell(): void {
    if (!this.#builder.atLineStart) this.#builder.text(' | ', {});
  }
}

function newList(tag: string, { start }: Record<string, string>): Place['lists'][number] {
  const first = Number.parseInt(start ?? '1', 10);
  return { style: tag === 'ol' ? 'ordered' : 'bullet', next: first > 0 && first < 1_000_000 ? first : 1 };
}

function styleOf(style: TextStyle): { style?: TextStyle } {
  return Object.keys(style).length > 0 ? { style } : {};
}

/** The user, room or alias that a matrix.to or matrix: link leads to; not those to single events. */
export function pillTarget(href: string): string | undefined {
  const encoded = /^https:\/\/matrix\.to\/#\/([^/?]+)(?:\?.*)?$/.exec(href)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const target = decodeURIComponent(encoded);
    return /^[@#!]/.test(target) ? target : undefined;
  } catch {
    return undefined;
  }
}

/** The pills in a message, to be looked up before it is converted. At most 50. */
export function pillTargets(html: string): string[] {
  const targets = new Set<string>();
  const parser = new Parser({
    onopentag: (tag, { href }) => {
      const target = tag === 'a' && href ? pillTarget(href) : undefined;
      if (target && targets.size < 50) targets.add(target);
    },
  });
  parser.end(html);
  return [...targets];
}
