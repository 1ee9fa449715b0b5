import { ChannelType } from 'discord-api-types/v10';
import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import { parseSnowflake, type Snowflake } from '../snowflake.ts';

/** What Discord's objects must have for us; all else in them is ignored. */

export const snowflakeSchema = v.custom<Snowflake>(
  (value) => parseSnowflake(value) !== undefined,
  'not a snowflake',
);
const text = v.pipe(v.string(), v.maxLength(10_000));

export const userSchema = v.object({
  id: snowflakeSchema,
  username: text,
  global_name: v.nullish(text),
  avatar: v.nullish(text),
  bot: v.optional(v.boolean()),
});
export type DiscordUser = v.InferOutput<typeof userSchema>;

export const overwriteSchema = v.object({
  id: snowflakeSchema,
  type: v.number(),
  allow: v.string(),
  deny: v.string(),
});

export const channelSchema = v.object({
  id: snowflakeSchema,
  type: v.pipe(v.number(), v.integer()),
  guild_id: v.optional(snowflakeSchema),
  name: v.nullish(text),
  topic: v.nullish(text),
  position: v.optional(v.number(), 0),
  parent_id: v.nullish(snowflakeSchema),
  last_message_id: v.nullish(snowflakeSchema),
  permission_overwrites: v.optional(v.array(overwriteSchema), []),
});
export type DiscordChannel = v.InferOutput<typeof channelSchema>;

export const roleSchema = v.object({ id: snowflakeSchema, name: text, permissions: v.string() });
export type DiscordRole = v.InferOutput<typeof roleSchema>;

export const guildSchema = v.object({ id: snowflakeSchema, name: text, icon: v.nullish(text) });

export const applicationSchema = v.object({
  id: snowflakeSchema,
  verify_key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i)),
  flags: v.optional(v.number(), 0),
  interactions_endpoint_url: v.nullish(v.string()),
});

export const webhookSchema = v.object({
  id: snowflakeSchema,
  token: v.optional(v.string()),
  name: v.nullish(text),
  application_id: v.nullish(snowflakeSchema),
});

/** A message with its ids read and all else as it came. */
export const rawMessageSchema = v.custom<RawDiscordMessage>(
  (value) =>
    isJsonObject(value) &&
    parseSnowflake(value.id) !== undefined &&
    parseSnowflake(value.channel_id) !== undefined,
  'not a message',
);
export type RawDiscordMessage = JsonObject & { id: Snowflake; channel_id: Snowflake };

export const gatewayBotSchema = v.object({ url: v.pipe(v.string(), v.url()) });

const threadTypes = new Set<number>([
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
]);
const textTypes = new Set<number>([ChannelType.GuildText, ChannelType.GuildAnnouncement]);

export function isThread({ type }: { type: number }): boolean {
  return threadTypes.has(type);
}

/** Whether the channel gets a room. */
export function isTextChannel({ type }: { type: number }): boolean {
  return textTypes.has(type);
}
