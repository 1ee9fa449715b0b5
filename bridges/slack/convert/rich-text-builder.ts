import type { Inline, RichText, RichTextElement, Section, TextStyle } from './rich-text.ts';

/** Where the text that comes next belongs. */
export interface Place {
  /** Innermost last. */
  lists: { style: 'bullet' | 'ordered'; next: number }[];
  inItem: boolean;
  isQuote: boolean;
  code: { language: string | undefined } | undefined;
}

/** Puts rich text together from a stream of texts, breaks and changes of place. */
export class RichTextBuilder {
  readonly #elements: RichTextElement[] = [];
  #run: Inline[] = [];
  #breaks = 0;

  /** Adds inlines where the last ones ended. */
  add(inline: Inline): void {
    if (this.#breaks > 0 && this.#run.length > 0)
      this.#append({ type: 'text', text: '\n'.repeat(this.#breaks) });
    this.#breaks = 0;
    this.#append(inline);
  }

  text(value: string, style: TextStyle): void {
    if (value !== '')
      this.add(
        Object.keys(style).length > 0 ? { type: 'text', text: value, style } : { type: 'text', text: value },
      );
  }

  /** At least so many line breaks before what comes next, if something came before. */
  lineBreaks(count: number): void {
    this.#breaks = Math.max(this.#breaks, count);
  }

  /** One more line break. */
  lineBreak(): void {
    this.#breaks += 1;
  }

  /** Whether what comes next begins a line. */
  get atLineStart(): boolean {
    if (this.#run.length === 0 || this.#breaks > 0) return true;
    const last = this.#run.at(-1);
    return last?.type === 'text' && last.text.endsWith('\n');
  }

  /** Ends the element under way, which lies at `place`. */
  flush(place: Place): void {
    const run = this.#run;
    this.#run = [];
    this.#breaks = 0;
    if (run.length === 0) return;
    if (place.code) {
      const { language } = place.code;
      this.#elements.push({
        type: 'rich_text_preformatted',
        elements: run.map(withoutStyle),
        ...(language ? { language } : {}),
      });
    } else if (place.lists.length > 0) {
      this.#addItem({ type: 'rich_text_section', elements: run }, place);
    } else if (place.isQuote) {
      this.#elements.push({ type: 'rich_text_quote', elements: run });
    } else {
      this.#elements.push({ type: 'rich_text_section', elements: run });
    }
  }

  build(): RichText {
    return { type: 'rich_text', elements: this.#elements };
  }

  #addItem(item: Section, place: Place): void {
    const list = place.lists.at(-1);
    if (!list) return;
    const indent = Math.min(place.lists.length - 1, 8);
    const last = this.#elements.at(-1);
    if (last?.type === 'rich_text_list' && last.indent === indent && last.style === list.style) {
      last.elements.push(item);
    } else {
      const offset = list.style === 'ordered' ? list.next - 1 : 0;
      this.#elements.push({
        type: 'rich_text_list',
        style: list.style,
        indent,
        ...(offset > 0 ? { offset } : {}),
        elements: [item],
      });
    }
    list.next += 1;
  }

  #append(inline: Inline): void {
    const last = this.#run.at(-1);
    const isSame =
      last?.type === 'text' &&
      inline.type === 'text' &&
      JSON.stringify(last.style) === JSON.stringify(inline.style);
    if (isSame) this.#run[this.#run.length - 1] = { ...last, text: last.text + inline.text };
    else this.#run.push(inline);
  }
}

function withoutStyle(inline: Inline): Inline {
  const { style: _, ...rest } = inline;
  return rest;
}
