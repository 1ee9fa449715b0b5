/**
 * Reduces the vendors' machine-readable specifications of Slack and Discord to what the simulators check, and writes
 * them to `test/specs`. Sources and dates: `test/specs/README.md`.
 *
 *     node scripts/import-network-specs.ts <folder with slack/ and discord/>
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reduceOpenApi } from './lib/reduce-openapi.ts';
import { reduceWebApi } from './lib/reduce-slack-web-api.ts';
import { shapeOf } from './lib/sample-shape.ts';

const source = process.argv[2];
if (!source) {
  console.error('usage: node scripts/import-network-specs.ts <folder with slack/ and discord/>');
  process.exit(2);
}

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(source ?? '', ...path), 'utf8'));
}

/** One entry a line, so that an update of the source is a readable diff. */
function writeEntries(path: string, entries: Record<string, unknown>): void {
  const lines = Object.entries(entries)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`);
}

function shapes(folder: string): Record<string, unknown> {
  const files = readdirSync(join(source ?? '', 'slack/samples', folder));
  return Object.fromEntries(
    files.map((file) => [basename(file, '.json'), shapeOf(readJson('slack/samples', folder, file))]),
  );
}

mkdirSync('test/specs/slack', { recursive: true });
mkdirSync('test/specs/discord', { recursive: true });
writeEntries('test/specs/slack/response-shapes.json', shapes('api'));
writeEntries('test/specs/slack/event-shapes.json', shapes('events'));
writeEntries('test/specs/slack/web-api.json', reduceWebApi(readJson('slack/web-openapi.json')));
writeFileSync(
  'test/specs/slack/event-wrapper.schema.json',
  readFileSync(join(source, 'slack/event-wrapper.schema.json')),
);
writeFileSync(
  'test/specs/discord/openapi.json',
  `${JSON.stringify(reduceOpenApi(readJson('discord/openapi.json')), undefined, 1)}\n`,
);
