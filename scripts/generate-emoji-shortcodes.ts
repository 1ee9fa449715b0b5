/**
 * Writes Slack's tables of emoji from emojibase-data, one for each of Unicode's groups: Slack's names are those
 * of the iamcal set. Run by hand when emojibase-data is updated: `npx node scripts/generate-emoji-shortcodes.ts`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import compact from 'emojibase-data/en/compact.json' with { type: 'json' };
import shortcodes from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };
import meta from 'emojibase-data/meta/groups.json' with { type: 'json' };
import { projectDir } from '../config/local.ts';

const names = shortcodes as Record<string, string | string[]>;
const groups = meta.groups as Record<string, string>;
const folder = path.join(projectDir, 'bridges/slack/convert/emoji-shortcodes');

const linesByGroup = new Map<string, string[]>();
for (const { hexcode, unicode, group } of compact as { hexcode: string; unicode: string; group?: number }[]) {
  const known = names[hexcode];
  // The modifiers alone are no emoji.
  if (known === undefined || String(known).startsWith('skin-tone-')) continue;
  // Fully qualified as Unicode has it: a selector only where the default is text.
  const emoji = unicode.replace(/(\p{Emoji_Presentation})\ufe0f/gu, '$1');
  const name = groups[String(group)] ?? 'symbols';
  const lines = linesByGroup.get(name) ?? [];
  lines.push(`${emoji} ${[known].flat().join(' ')}`);
  linesByGroup.set(name, lines);
}

mkdirSync(folder, { recursive: true });
for (const [group, lines] of linesByGroup) {
  const constant = group.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  writeFileSync(
    path.join(folder, `${group}.generated.ts`),
    `/** Written by scripts/generate-emoji-shortcodes.ts: an emoji and its names in Slack, the usual one first, per line. */\nexport const ${constant} = \`\n${lines.join('\n')}\n\`;\n`,
  );
}
