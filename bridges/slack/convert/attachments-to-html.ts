import { isJsonObject } from '../../../matrix/json.ts';
import { concat, link, nothing, type Rendered, text } from './html-text.ts';
import { renderMrkdwn } from './mrkdwn-to-html.ts';
import { renderOtherBlock } from './other-blocks-to-html.ts';
import type { Mentions } from './rich-text.ts';

const maxAttachments = 20;

/**
 * The older kind of rich message, which apps still send, as quotes. Previews of links are left out: Matrix
 * clients make their own.
 */
export function renderAttachments(attachments: readonly unknown[], mentions: Mentions): Rendered {
  const rendered = attachments
    .slice(0, maxAttachments)
    .filter((attachment) => isJsonObject(attachment) && !isUnfurl(attachment))
    .map((attachment) => renderAttachment(attachment as Attachment, mentions))
    .filter((attachment) => attachment.body !== '');
  return concat(
    rendered.map(({ body, html }) => ({
      body: body.replace(/^/gm, '> '),
      html: `<blockquote>${html}</blockquote>`,
    })),
    { body: '\n', html: '' },
  );
}

type Attachment = { [key: string]: unknown };

export function isUnfurl(attachment: Attachment): boolean {
  return typeof attachment.from_url === 'string' || typeof attachment.original_url === 'string';
}

function renderAttachment(attachment: Attachment, mentions: Mentions): Rendered {
  const { pretext, author_name: author, title, title_link: titleLink, text: body, fallback } = attachment;
  const lines: Rendered[] = [];
  if (isFilled(pretext)) lines.push(renderMrkdwn(pretext, mentions));
  if (isFilled(author)) lines.push(bold(text(author)));
  if (isFilled(title)) lines.push(bold(isFilled(titleLink) ? link(titleLink, text(title)) : text(title)));
  if (isFilled(body)) lines.push(renderMrkdwn(body, mentions));
  for (const field of listOf(attachment.fields).filter(isJsonObject).slice(0, 20)) {
    const name = isFilled(field.title) ? bold(text(field.title)) : nothing;
    const value = isFilled(field.value) ? renderMrkdwn(field.value, mentions) : nothing;
    lines.push(concat([name, value], text(': ')));
  }
  for (const block of listOf(attachment.blocks)) lines.push(renderOtherBlock(block, mentions));
  if (isFilled(attachment.footer)) lines.push(text(attachment.footer));
  const filled = lines.filter((line) => line.body !== '');
  if (filled.length === 0) return isFilled(fallback) ? renderMrkdwn(fallback, mentions) : nothing;
  return concat(filled, { body: '\n', html: '<br>' });
}

function bold({ body, html }: Rendered): Rendered {
  return { body, html: `<strong>${html}</strong>` };
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, 50) : [];
}
