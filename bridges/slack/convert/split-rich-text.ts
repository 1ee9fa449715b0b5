import type { Inline, RichText, RichTextElement, Section } from './rich-text.ts';

/** Slack cuts or refuses longer ones: 4,000 characters of text are advised, some 13,000 of JSON the limit. */
export const maxMessageChars = 3_500;
const maxMessageJson = 12_000;

/** Cuts rich text into messages that Slack takes, at line breaks or spaces where there are some. */
export function splitRichText(richText: RichText): RichText[] {
  const messages: RichTextElement[][] = [[]];
  let size = newSize();
  for (const { piece, continues } of richText.elements.flatMap(pieces)) {
    const cost = costOf(piece);
    const isFull = size.chars + cost.chars > maxMessageChars || size.json + cost.json > maxMessageJson;
    if (isFull && (messages.at(-1)?.length ?? 0) > 0) {
      messages.push([]);
      size = newSize();
    }
    const message = messages.at(-1);
    if (message) append(message, piece, continues);
    size = { chars: size.chars + cost.chars, json: size.json + cost.json };
  }
  return messages
    .filter((elements) => elements.length > 0)
    .map((elements) => ({ type: 'rich_text', elements }));
}

const newSize = () => ({ chars: 0, json: 100 });

function costOf(element: RichTextElement): { chars: number; json: number } {
  const json = JSON.stringify(element).length;
  return { chars: charsOf(element), json };
}

function charsOf(element: RichTextElement | Section): number {
  if (element.type === 'rich_text_list')
    return element.elements.reduce((sum, item) => sum + charsOf(item), 0);
  return element.elements.reduce((sum, inline) => sum + inlineChars(inline), 0);
}

function inlineChars(inline: Inline): number {
  if (inline.type === 'text') return inline.text.length;
  return inline.type === 'link' ? (inline.text ?? inline.url).length : 12;
}

interface Piece {
  piece: RichTextElement;
  /** The other half of the one before. */
  continues: boolean;
}

/** An element as small ones of its kind, which `append` joins again where they stay together. */
function pieces(element: RichTextElement): Piece[] {
  if (element.type === 'rich_text_list') {
    return element.elements.flatMap((item, index) =>
      groups(item.elements).map((elements) => ({
        piece: {
          ...element,
          ...(element.style === 'ordered' ? { offset: (element.offset ?? 0) + index } : {}),
          elements: [{ type: 'rich_text_section' as const, elements }],
        },
        continues: true,
      })),
    );
  }
  return groups(element.elements).map((elements, index) => ({
    piece: { ...element, elements },
    continues: index > 0,
  }));
}

function groups(inlines: readonly Inline[]): Inline[][] {
  const cut = inlines.flatMap(cutInline);
  if (
    cut.reduce((sum, inline) => sum + inlineChars(inline), 0) <= maxMessageChars &&
    JSON.stringify(cut).length < maxMessageJson - 200
  ) {
    return [cut];
  }
  return cut.map((inline) => [inline]);
}

function cutInline(inline: Inline): Inline[] {
  if (inline.type !== 'text' || inline.text.length <= maxMessageChars / 2) return [inline];
  return cutText(inline.text, maxMessageChars / 2).map((text) => ({ ...inline, text }));
}

/** Never inside a surrogate pair. */
export function cutText(text: string, maxChars: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > maxChars) {
    const window = rest.slice(0, maxChars);
    const at = Math.max(window.lastIndexOf('\n'), window.lastIndexOf(' ')) + 1;
    let end = at > maxChars / 2 ? at : maxChars;
    const code = rest.charCodeAt(end - 1);
    if (code >= 0xd800 && code <= 0xdbff) end -= 1;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  parts.push(rest);
  return parts;
}

/** Adds a piece to a message, joined to the one before if that is its other half. */
function append(message: RichTextElement[], piece: RichTextElement, continues: boolean): void {
  const last = message.at(-1);
  if (
    continues &&
    last?.type === 'rich_text_list' &&
    piece.type === 'rich_text_list' &&
    isSameList(last, piece)
  ) {
    last.elements.push(...piece.elements);
  } else if (continues && last && last.type !== 'rich_text_list' && piece.type !== 'rich_text_list') {
    last.elements.push(...piece.elements);
  } else if (piece.type === 'rich_text_list') {
    message.push({ ...piece, elements: [...piece.elements] });
  } else {
    message.push({ ...piece, elements: [...piece.elements] });
  }
}

type List = Extract<RichTextElement, { type: 'rich_text_list' }>;

function isSameList(a: List, b: List): boolean {
  return a.style === b.style && a.indent === b.indent;
}
