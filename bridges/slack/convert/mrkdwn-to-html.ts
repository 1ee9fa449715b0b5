import type { Rendered } from './html-text.ts';
import { parseMrkdwn } from './mrkdwn-to-rich-text.ts';
import type { Mentions } from './rich-text.ts';
import { renderRichText } from './rich-text-to-html.ts';

export function renderMrkdwn(source: string, mentions: Mentions): Rendered {
  return renderRichText(parseMrkdwn(source), mentions);
}
