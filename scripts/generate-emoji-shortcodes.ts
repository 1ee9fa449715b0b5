/**
 * Writes Slack's table of emoji from emojibase-data: Slack's names are those of the iamcal set. Run by hand
 * when emojibase-data is updated: `node bridges/slack/convert/generate-emoji-shortcodes.generated.ts`.
 */
import { writeFileSync } from 'node:fs';
import compact from 'emojibase-data/en/compact.json' with { type: 'json' };
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };

const names = shortcodes as Record<string, string | string[]>;
const lines: string[] = [];
for (const { hexcode, unicode } of compact as { hexcode: string; unicode: string }[]) {
  const known = names[hexcode];
  // The modifiers alone are no emoji.
  if (known === undefined || String(known).startsWith('skin-tone-')) continue;
  // Fully qualified as Unicode has it: a selector only where the default is text.
  const emoji = unicode.replace(/(\p{Emoji_Presentation})\ufe0f/gu, '$1');
  lines.push(`${emoji} ${[known].flat().join(' ')}`);
}
const target = new URL('../bridges/slack/convert/emoji-shortcodes.generated.ts', import.meta.url).pathname;
writeFileSync(
  target,
  `/** Written by generate-emoji-shortcodes.generated.ts: an emoji and its names in Slack, the usual one first, per line. */\nexport const emojiShortcodes = \`\n${lines.join('\n')}\n\`;\n`,
);
