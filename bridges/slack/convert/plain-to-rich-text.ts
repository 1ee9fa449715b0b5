import { linkified } from './linkify.ts';
import type { RichText } from './rich-text.ts';

/** A message without HTML: its text as it is, with bare URLs as links. */
export function plainToRichText(body: string): RichText {
  const elements = linkified(body, {});
  return {
    type: 'rich_text',
    elements: elements.length === 0 ? [] : [{ type: 'rich_text_section', elements }],
  };
}
