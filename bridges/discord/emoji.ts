import { parseSnowflake } from './snowflake.ts';

const variation = '\ufe0f';
const emojiPattern = /^\p{RGI_Emoji}$/v;

/** The form in which Discord knows a Unicode emoji; `undefined` if the text is none. */
export function qualifiedEmoji(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const bare = text.replaceAll(variation, '');
  // Keycaps carry the selector after their first character.
  const forms = [text, bare, bare + variation, `${bare.charAt(0)}${variation}${bare.slice(1)}`];
  return forms.find((form) => emojiPattern.test(form));
}

export interface ReactionEmoji {
  /** Identity on Discord: the character, or `name:id`. */
  emoji: string;
  /** What Matrix shows. */
  key: string;
}

/** Reads an `emoji` object of a reaction. */
export function reactionEmoji(emoji: { id?: unknown; name?: unknown }): ReactionEmoji | undefined {
  const name = typeof emoji.name === 'string' && emoji.name !== '' ? emoji.name : undefined;
  const id = parseSnowflake(emoji.id);
  if (id) return { emoji: `${name ?? '_'}:${id}`, key: `:${name ?? 'emoji'}:` };
  if (!name) return undefined;
  const qualified = qualifiedEmoji(name) ?? name;
  return { emoji: qualified, key: qualified };
}
