import type { JsonObject } from '../../../matrix/json.ts';
import type { DiscordMessage } from '../discord-message.ts';
import { embedToText, isComposed } from './embeds-to-text.ts';
import type { Names } from './names.ts';
import { fromMarkdown, fromPlain, joinTexts, quoted, type RichText, textContent } from './rich-text.ts';
import { isWritten, systemText } from './system-text.ts';

/** Lottie: an animation that only Discord plays. */
const lottieFormat = 3;

/** The text of a message, with what it composes beside it. Pure: names have been looked up. */
export function messageText(message: DiscordMessage, names: Names): JsonObject | undefined {
  if (!isWritten(message)) {
    const text = systemText(message);
    return text === undefined ? undefined : { msgtype: 'm.notice', body: text, 'm.mentions': {} };
  }
  const text = joinTexts([
    fromMarkdown(message.content, names),
    ...message.message_snapshots.map((snapshot) => forwarded(snapshot.message, names)),
    ...message.embeds.filter(isComposed).map((embed) => embedToText(embed, names)),
    pollText(message),
    ...message.sticker_items
      .filter((sticker) => sticker.format_type === lottieFormat)
      .map((sticker) => fromPlain(`[sticker: ${sticker.name}]`)),
  ]);
  if (text.body.trim() === '') return undefined;
  return { msgtype: 'm.text', ...textContent(text) };
}

function forwarded(
  { content, embeds, attachments }: DiscordMessage['message_snapshots'][number]['message'],
  names: Names,
): RichText {
  const inner = joinTexts([
    fromMarkdown(content, names),
    ...embeds.filter(isComposed).map((embed) => embedToText(embed, names)),
    ...attachments.map(({ filename }) => fromPlain(`📎 ${filename}`)),
  ]);
  return joinTexts([{ html: '<em>Forwarded</em>', body: 'Forwarded' }, quoted(inner)]);
}

function pollText({ poll }: DiscordMessage): RichText {
  if (!poll) return fromPlain('');
  const answers = poll.answers.map(({ poll_media: media }) => fromPlain(`○ ${media.text ?? ''}`));
  return joinTexts([fromPlain(`📊 ${poll.question.text ?? ''}`), ...answers]);
}

/** All texts that can mention somebody. */
export function textsOf(message: DiscordMessage): string[] {
  const ofEmbeds = (embeds: DiscordMessage['embeds']) =>
    embeds.flatMap(({ description, fields }) => [
      description ?? '',
      ...fields.flatMap(({ name, value }) => [name, value]),
    ]);
  return [
    message.content,
    ...ofEmbeds(message.embeds),
    ...message.message_snapshots.flatMap(({ message: { content, embeds } }) => [
      content,
      ...ofEmbeds(embeds),
    ]),
  ].filter((text) => text !== '');
}
