import { isJsonObject } from '../../../matrix/json.ts';
import { concat, link, nothing, type Rendered, text } from './html-text.ts';
import { renderMrkdwn } from './mrkdwn-to-html.ts';
import type { Mentions } from './rich-text.ts';
import { renderRichText } from './rich-text-to-html.ts';

const lineBreak = { body: '\n', html: '<br>' };

/** Blocks of apps (Block Kit) as text. Buttons and inputs do nothing here and are left out. */
export function renderOtherBlock(block: unknown, mentions: Mentions): Rendered {
  if (!isJsonObject(block)) return nothing;
  switch (block.type) {
    case 'rich_text':
      return renderRichText(block, mentions);
    case 'header': {
      const { body, html } = renderText(block.text, mentions);
      return { body, html: `<strong>${html}</strong>` };
    }
    case 'section':
      return joined([
        renderText(block.text, mentions),
        ...listOf(block.fields).map((field) => renderText(field, mentions)),
      ]);
    case 'context':
      return joined(listOf(block.elements).map((element) => renderText(element, mentions)));
    case 'markdown':
      return typeof block.text === 'string' ? text(block.text) : nothing;
    case 'divider':
      return { body: '———', html: '<hr>' };
    case 'image':
    case 'video': {
      const url = block.image_url ?? block.video_url;
      const label =
        typeof block.alt_text === 'string' && block.alt_text ? block.alt_text : String(block.type);
      return typeof url === 'string' ? link(url, text(label)) : text(label);
    }
    default:
      return nothing;
  }
}

function joined(parts: readonly Rendered[]): Rendered {
  return concat(
    parts.filter((part) => part.body !== ''),
    lineBreak,
  );
}

/** A text object: `plain_text` or `mrkdwn`. */
function renderText(value: unknown, mentions: Mentions): Rendered {
  if (!isJsonObject(value) || typeof value.text !== 'string') return nothing;
  return value.type === 'mrkdwn' ? renderMrkdwn(value.text, mentions) : text(value.text);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, 50) : [];
}
