import { Ajv } from 'ajv';
import { describeErrors } from './describe-errors.ts';

type Schema = Record<string, unknown>;

function closed(properties: Record<string, Schema>, required: string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const style = closed({ bold: flag, italic: flag, strike: flag, underline: flag, code: flag }, []);
const mentionStyle = closed(
  {
    bold: flag,
    italic: flag,
    strike: flag,
    underline: flag,
    highlight: flag,
    client_highlight: flag,
    unlink: flag,
    code: flag,
  },
  [],
);

/** An inline element per type, by docs.slack.dev/reference/block-kit/blocks/rich-text-block. */
const inlineElements: Record<string, Schema> = {
  text: closed({ type: text, text: { type: 'string', minLength: 1 }, style }, ['type', 'text']),
  link: closed({ type: text, url: { type: 'string', minLength: 1 }, text, unsafe: flag, style }, [
    'type',
    'url',
  ]),
  emoji: closed(
    {
      type: text,
      name: { type: 'string', minLength: 1 },
      unicode: text,
      url: text,
      skin_tone: { type: 'integer' },
      style,
    },
    ['type', 'name'],
  ),
  user: closed({ type: text, user_id: { type: 'string', pattern: '^[UW]' }, style: mentionStyle }, [
    'type',
    'user_id',
  ]),
  channel: closed({ type: text, channel_id: { type: 'string', pattern: '^[CGD]' }, style: mentionStyle }, [
    'type',
    'channel_id',
  ]),
  usergroup: closed({ type: text, usergroup_id: { type: 'string', pattern: '^S' }, style: mentionStyle }, [
    'type',
    'usergroup_id',
  ]),
  broadcast: closed({ type: text, range: { enum: ['here', 'channel', 'everyone'] }, style: mentionStyle }, [
    'type',
    'range',
  ]),
  color: closed({ type: text, value: text, style }, ['type', 'value']),
  date: closed(
    { type: text, timestamp: { type: 'integer' }, format: text, url: text, fallback: text, style },
    ['type', 'timestamp', 'format'],
  ),
  team: closed({ type: text, team_id: text, style: mentionStyle }, ['type', 'team_id']),
};

/** Chooses by `type`, so that an error names the one fault and not every alternative. */
function byType(schemas: Record<string, Schema>): Schema {
  return {
    type: 'object',
    required: ['type'],
    properties: { type: { enum: Object.keys(schemas) } },
    allOf: Object.entries(schemas).map(([type, schema]) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: schema,
    })),
  };
}

const inlines: Schema = { type: 'array', items: byType(inlineElements) };
const codeInlines: Schema = {
  type: 'array',
  items: byType(Object.fromEntries(['text', 'link'].map((type) => [type, inlineElements[type] ?? {}]))),
};
const border: Schema = { type: 'integer', enum: [0, 1] };
const section = closed({ type: text, elements: inlines }, ['type', 'elements']);

/** A `rich_text` block as Slack accepts and sends it. */
const richTextBlockSchema: Schema = closed(
  {
    type: { const: 'rich_text' },
    block_id: { type: 'string', maxLength: 255 },
    elements: {
      type: 'array',
      items: byType({
        rich_text_section: section,
        rich_text_preformatted: closed({ type: text, elements: codeInlines, border, language: text }, [
          'type',
          'elements',
        ]),
        rich_text_quote: closed({ type: text, elements: inlines, border }, ['type', 'elements']),
        rich_text_list: closed(
          {
            type: text,
            style: { enum: ['bullet', 'ordered'] },
            indent: { type: 'integer', minimum: 0, maximum: 8 },
            offset: { type: 'integer', minimum: 0 },
            border,
            elements: { type: 'array', items: section },
          },
          ['type', 'style', 'elements'],
        ),
      }),
    },
  },
  ['type', 'elements'],
);

const validate = new Ajv({ strict: false, allErrors: true }).compile({
  type: 'array',
  items: {
    type: 'object',
    required: ['type'],
    if: { properties: { type: { const: 'rich_text' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: richTextBlockSchema,
  },
});

/** What is wrong with blocks; only rich text is looked into. Slack answers `invalid_blocks` to such. */
export function richTextErrors(blocks: unknown[]): string | undefined {
  if (validate(blocks)) return undefined;
  return describeErrors(validate);
}
