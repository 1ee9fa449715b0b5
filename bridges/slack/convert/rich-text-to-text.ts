import type { Inline, RichText } from './rich-text.ts';

/**
 * The `text` beside the blocks, which notifications and searches show. Slack reads it as mrkdwn, so what could
 * be a mention or a link is escaped.
 */
export function textOfRichText(richText: RichText): string {
  return richText.elements
    .map((element) =>
      element.type === 'rich_text_list'
        ? element.elements.map((item) => `• ${inlines(item.elements)}`).join('\n')
        : inlines(element.elements),
    )
    .join('\n');
}

export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function inlines(elements: readonly Inline[]): string {
  return elements.map(inline).join('');
}

function inline(element: Inline): string {
  switch (element.type) {
    case 'text':
      return escapeMrkdwn(element.text);
    case 'link':
      return escapeMrkdwn(element.text ?? element.url);
    case 'user':
      return `<@${element.user_id}>`;
    case 'channel':
      return `<#${element.channel_id}>`;
    case 'usergroup':
      return `@${element.usergroup_id}`;
    case 'broadcast':
      return `@${element.range}`;
    case 'emoji':
      return `:${element.name}:`;
    default:
      return element satisfies never;
  }
}
