import * as v from 'valibot';
import { snowflakeSchema, userSchema } from './rest/answers.ts';

/** A message as conversion reads it. What is malformed is as if it were not there. */

const text = v.fallback(v.string(), '');
const list = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.fallback(v.pipe(v.array(schema), v.maxLength(100)), []);
const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.fallback(v.nullish(schema), undefined);

const attachmentSchema = v.object({
  id: snowflakeSchema,
  filename: v.string(),
  url: v.pipe(v.string(), v.url()),
  size: v.fallback(v.number(), 0),
  title: maybe(v.string()),
  description: maybe(v.string()),
  content_type: maybe(v.string()),
  width: maybe(v.number()),
  height: maybe(v.number()),
  duration_secs: maybe(v.number()),
  waveform: maybe(v.string()),
});
export type DiscordAttachment = v.InferOutput<typeof attachmentSchema>;

const linkSchema = v.object({ url: maybe(v.string()), name: maybe(v.string()) });
const embedSchema = v.object({
  type: v.fallback(v.string(), 'rich'),
  title: maybe(v.string()),
  description: maybe(v.string()),
  url: maybe(v.string()),
  author: maybe(linkSchema),
  provider: maybe(linkSchema),
  image: maybe(linkSchema),
  fields: list(v.object({ name: v.string(), value: v.string() })),
  footer: maybe(v.object({ text: v.string() })),
});
export type DiscordEmbed = v.InferOutput<typeof embedSchema>;

const pollSchema = v.object({
  question: v.object({ text: maybe(v.string()) }),
  answers: list(v.object({ poll_media: v.object({ text: maybe(v.string()) }) })),
});

const stickerSchema = v.object({ id: snowflakeSchema, name: v.string(), format_type: v.number() });
export type DiscordSticker = v.InferOutput<typeof stickerSchema>;

const messageSchema = v.object({
  id: snowflakeSchema,
  channel_id: snowflakeSchema,
  guild_id: v.fallback(v.optional(snowflakeSchema), undefined),
  type: v.fallback(v.number(), 0),
  flags: v.fallback(v.number(), 0),
  content: text,
  author: v.fallback(v.optional(userSchema), undefined),
  mentions: list(userSchema),
  mention_everyone: v.fallback(v.boolean(), false),
  attachments: list(attachmentSchema),
  embeds: list(embedSchema),
  sticker_items: list(stickerSchema),
  poll: maybe(pollSchema),
  message_snapshots: list(
    v.object({
      message: v.object({ content: text, attachments: list(attachmentSchema), embeds: list(embedSchema) }),
    }),
  ),
});
export type DiscordMessage = v.InferOutput<typeof messageSchema>;

/** @throws if it is not a message at all */
export function parseMessage(raw: unknown): DiscordMessage {
  return v.parse(messageSchema, raw);
}
