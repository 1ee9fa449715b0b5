import type { DiscordEmbed } from '../discord-message.ts';
import { type Names, plainName } from './names.ts';
import { escapeHtml, renderLink } from './render-html.ts';
import { fromMarkdown, fromPlain, joinTexts, quoted, type RichText } from './rich-text.ts';

/** What bots and webhooks compose. Previews of links are the client's own business. */
export function isComposed(embed: DiscordEmbed): boolean {
  return embed.type === 'rich';
}

export function embedToText(embed: DiscordEmbed, names: Names): RichText {
  const { author, title, description, fields, image, footer } = embed;
  return quoted(
    joinTexts([
      author?.name ? linked(plainName(author.name), author.url) : fromPlain(''),
      title ? bold(linked(plainName(title), embed.url)) : fromPlain(''),
      description ? fromMarkdown(description, names) : fromPlain(''),
      ...fields.map(({ name, value }) =>
        joinTexts([bold(fromMarkdown(name, names)), fromMarkdown(value, names)]),
      ),
      image?.url ? linked(image.url, image.url) : fromPlain(''),
      footer ? fromPlain(plainName(footer.text)) : fromPlain(''),
    ]),
  );
}

function linked(text: string, url: string | null | undefined): RichText {
  if (!url) return fromPlain(text);
  return { html: renderLink(url, escapeHtml(text)), body: text === url ? text : `${text} (${url})` };
}

function bold({ html, body }: RichText): RichText {
  return { html: `<strong>${html}</strong>`, body: `**${body}**` };
}
