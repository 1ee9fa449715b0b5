import { emojiLines } from './emoji-shortcodes/all.ts';

/** Slack's `skin-tone-2` … `skin-tone-6` are the five modifiers of Unicode. */
const firstModifier = 0x1f3fb;
const modifierPattern = /[\u{1f3fb}-\u{1f3ff}]/u;
const variationSelector = '\ufe0f';

interface Tables {
  byName: ReadonlyMap<string, string>;
  byEmoji: ReadonlyMap<string, string>;
}

let tables: Tables | undefined;

/** Read at first use: constant, so it may outlive requests. */
function read(): Tables {
  if (tables) return tables;
  const byName = new Map<string, string>();
  const byEmoji = new Map<string, string>();
  for (const line of emojiLines()) {
    const [emoji = '', ...names] = line.split(' ');
    for (const name of names) byName.set(name, emoji);
    if (names[0]) byEmoji.set(bare(emoji), names[0]);
  }
  tables = { byName, byEmoji };
  return tables;
}

function bare(emoji: string): string {
  return emoji.replaceAll(variationSelector, '');
}

/** The emoji of a name like `wave` or `wave::skin-tone-3`; `undefined` for a workspace's own. */
export function emojiOfName(name: string): string | undefined {
  const [base = '', tone] = name.split('::');
  const emoji = read().byName.get(base);
  if (!emoji) return undefined;
  const level = /^skin-tone-([2-6])$/.exec(tone ?? '')?.[1];
  if (!level) return emoji;
  return withModifier(emoji, String.fromCodePoint(firstModifier + Number(level) - 2));
}

/** The modifier stands after the first character, in place of a variation selector. */
function withModifier(emoji: string, modifier: string): string {
  const [first = '', ...rest] = [...emoji];
  return (
    first +
    modifier +
    rest.filter((character, index) => index > 0 || character !== variationSelector).join('')
  );
}

/** Slack's name of an emoji or of `:name:`; `undefined` for anything else. */
export function nameOfEmoji(key: string): string | undefined {
  const custom = /^:([a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?):$/.exec(key)?.[1];
  if (custom) return custom;
  const modifier = modifierPattern.exec(key)?.[0];
  const name = read().byEmoji.get(bare(key.replace(modifierPattern, '')));
  if (!name || !modifier) return name;
  return `${name}::skin-tone-${(modifier.codePointAt(0) ?? firstModifier) - firstModifier + 2}`;
}

/** What Matrix shows for a name: the emoji, or `:name:`. */
export function keyOfName(name: string): string {
  return emojiOfName(name) ?? `:${name}:`;
}
