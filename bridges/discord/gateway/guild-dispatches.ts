import { ChannelType } from 'discord-api-types/v10';
import * as v from 'valibot';
import { hashOf } from '../../core/hash.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import {
  channelSchema,
  type DiscordChannel,
  guildSchema,
  isTextChannel,
  isThread,
  roleSchema,
  snowflakeSchema,
} from '../rest/answers.ts';
import { channelChat, guildChat, type Snowflake } from '../snowflake.ts';
import {
  type DispatchContext,
  type DispatchEffects,
  type DispatchHandler,
  noEffects,
} from './dispatch-effects.ts';
import { maySeeChannel } from './permissions.ts';
import type { ChannelKind, ChannelUpdate, KnownChannel } from './storage/channels.ts';

const guildCreateSchema = v.object({
  ...guildSchema.entries,
  roles: v.array(roleSchema),
  members: v.array(
    v.object({ user: v.optional(v.object({ id: snowflakeSchema })), roles: v.array(snowflakeSchema) }),
  ),
  channels: v.array(channelSchema),
  threads: v.array(channelSchema),
});
const unavailableSchema = v.object({ id: snowflakeSchema, unavailable: v.literal(true) });

/** After READY, when the bot joins, and when an outage ends. Whatever was said meanwhile is caught up with. */
export const guildCreate: DispatchHandler = (context, data) => {
  if (v.is(unavailableSchema, data)) return noEffects;
  const guild = v.parse(guildCreateSchema, data);
  const { store, owner } = context;
  const own = guild.members.find(({ user }) => user?.id === owner.botUserId);
  const roleIds = new Set<string>([guild.id, ...(own?.roles ?? [])]);
  const roles = guild.roles
    .filter(({ id }) => roleIds.has(id))
    .map(({ id, permissions }) => [id, permissions]);
  store.guilds.put(guild.id, Object.fromEntries(roles), guildHash(guild));
  const there = new Set<Snowflake>();
  for (const channel of [...guild.channels, ...guild.threads]) {
    const update = updateOf(context, guild.id, channel);
    if (!update) continue;
    there.add(update.channelId);
    store.channels.markBehind(update);
    store.channels.put(update);
  }
  // Threads may have been archived, which is no end.
  const gone = store.channels
    .ofGuild(guild.id)
    .filter(({ kind, channelId }) => kind !== 'thread' && !there.has(channelId));
  return { ...forget(context, gone), resync: true };
};

export const guildUpdate: DispatchHandler = (context, data) => {
  const guild = v.parse(guildSchema, data);
  context.store.guilds.setInfoHash(guild.id, guildHash(guild));
  return { ...noEffects, resync: true };
};

/** The bot was removed. With `unavailable` it is an outage, after which a GUILD_CREATE follows. */
export const guildDelete: DispatchHandler = (context, data) => {
  if (v.is(unavailableSchema, data)) return noEffects;
  const { id } = v.parse(v.object({ id: snowflakeSchema }), data);
  const effects = forget(context, context.store.channels.ofGuild(id));
  context.store.guilds.delete(id);
  return { ...effects, deliveries: [...effects.deliveries, goneFrom(context, guildChat(id))] };
};

/** Channels and threads, new or changed: they are told in the same form. */
export const channelChanged: DispatchHandler = (context, data) => {
  const channel = v.parse(channelSchema, data);
  if (!channel.guild_id) return noEffects;
  const update = updateOf(context, channel.guild_id, channel);
  if (!update) return forgetOne(context, channel.id);
  context.store.channels.put(update);
  return { ...noEffects, resync: true };
};

export const channelDelete: DispatchHandler = (context, data) => {
  const { id } = v.parse(v.object({ id: snowflakeSchema }), data);
  return forgetOne(context, id);
};

const threadListSchema = v.object({ guild_id: snowflakeSchema, threads: v.array(channelSchema) });

export const threadListSync: DispatchHandler = (context, data) => {
  const { guild_id: guildId, threads } = v.parse(threadListSchema, data);
  for (const thread of threads) {
    const update = updateOf(context, guildId, thread);
    if (update) context.store.channels.put(update);
  }
  return noEffects;
};

function forgetOne(context: DispatchContext, channelId: Snowflake): DispatchEffects {
  const known = context.store.channels.get(channelId);
  return known ? forget(context, [known]) : noEffects;
}

/** Rooms before the spaces that they are in. */
function forget(
  context: DispatchContext,
  channels: readonly Pick<KnownChannel, 'channelId' | 'kind'>[],
): DispatchEffects {
  const rooms = channels
    .filter(({ kind }) => kind !== 'thread')
    .sort((a, b) => Number(a.kind === 'category') - Number(b.kind === 'category'));
  return {
    ...noEffects,
    deliveries: rooms.map(({ channelId }) => goneFrom(context, channelChat(channelId))),
    forgotten: channels.map(({ channelId }) => channelId),
  };
}

function goneFrom(
  { nowMs, dispatchId }: DispatchContext,
  chatId: RemoteChatId,
): DispatchEffects['deliveries'][number] {
  return { chatId, event: { kind: 'chatGone', chatId, timestampMs: nowMs, version: dispatchId } };
}

/** @returns nothing for channels that have no place among the rooms, or that the bot does not see */
function updateOf(
  { store, owner }: DispatchContext,
  guildId: Snowflake,
  channel: DiscordChannel,
): ChannelUpdate | undefined {
  const kind = kindOf(channel);
  if (!kind) return undefined;
  const roles = store.guilds.roles(guildId);
  // A thread is seen by whoever sees its channel.
  if (kind !== 'thread' && roles) {
    if (!maySeeChannel(roles, guildId, owner.botUserId, channel.permission_overwrites)) return undefined;
  }
  return {
    channelId: channel.id,
    guildId,
    parentId: channel.parent_id ?? undefined,
    kind,
    infoHash: hashOf(
      JSON.stringify([channel.name, channel.topic, channel.position, channel.parent_id, channel.type]),
    ).slice(0, 16),
    lastId: channel.last_message_id ?? undefined,
  };
}

function kindOf(channel: DiscordChannel): ChannelKind | undefined {
  if (channel.type === ChannelType.GuildCategory) return 'category';
  if (isThread(channel)) return 'thread';
  return isTextChannel(channel) ? 'text' : undefined;
}

function guildHash({ name, icon }: { name: string; icon?: string | null | undefined }): string {
  return hashOf(name, icon ?? '').slice(0, 16);
}
