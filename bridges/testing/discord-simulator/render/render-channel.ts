import { type Channel, channelType, type Overwrite, type World } from '../world.ts';
import { renderUser } from './render-user.ts';

function renderOverwrite(overwrite: Overwrite): Record<string, unknown> {
  return {
    id: overwrite.id,
    type: overwrite.type,
    allow: overwrite.allow.toString(),
    deny: overwrite.deny.toString(),
  };
}

export function renderThread(channel: Channel, viewerId?: string): Record<string, unknown> {
  const { thread } = channel;
  if (!thread) throw new Error(`${channel.id} is no thread`);
  const joinedAt = viewerId ? thread.members.get(viewerId) : undefined;
  // The starter shown inside (type 21) is not counted.
  const counted = [...channel.messages.values()].filter(
    (message) => message.type !== 21 && message.id !== channel.id,
  );
  return {
    id: channel.id,
    type: channel.type,
    last_message_id: channel.lastMessageId,
    flags: 0,
    guild_id: channel.guildId,
    name: channel.name,
    parent_id: channel.parentId,
    rate_limit_per_user: 0,
    bitrate: 64_000,
    user_limit: 0,
    rtc_region: null,
    owner_id: thread.ownerId,
    thread_metadata: {
      archived: thread.archived,
      archive_timestamp: thread.archiveTimestamp,
      auto_archive_duration: thread.autoArchiveMinutes,
      locked: thread.locked,
      create_timestamp: thread.createTimestamp,
      ...(channel.type === channelType.privateThread ? { invitable: true } : {}),
    },
    message_count: counted.length,
    member_count: Math.min(thread.members.size, 50),
    total_message_sent: thread.totalSent,
    ...(viewerId && joinedAt
      ? { member: { id: channel.id, user_id: viewerId, join_timestamp: joinedAt, flags: 1 } }
      : {}),
  };
}

/** A channel of any type, as one viewer gets it. */
export function renderChannel(world: World, channel: Channel, viewerId?: string): Record<string, unknown> {
  if (channel.thread) return renderThread(channel, viewerId);
  if (channel.type === channelType.dm) {
    const others = channel.recipientIds.filter((id) => id !== viewerId);
    return {
      id: channel.id,
      type: channel.type,
      last_message_id: channel.lastMessageId,
      flags: 0,
      recipients: others.flatMap((id) => {
        const user = world.users.get(id);
        return user ? [renderUser(user)] : [];
      }),
    };
  }
  const isCategory = channel.type === channelType.category;
  return {
    id: channel.id,
    type: channel.type,
    flags: 0,
    guild_id: channel.guildId,
    name: channel.name,
    parent_id: channel.parentId,
    position: channel.position,
    permission_overwrites: channel.overwrites.map(renderOverwrite),
    ...(isCategory
      ? {}
      : {
          last_message_id: channel.lastMessageId,
          topic: channel.topic,
          rate_limit_per_user: 0,
          nsfw: false,
        }),
    ...(channel.type === channelType.voice ? { bitrate: 64_000, user_limit: 0, rtc_region: null } : {}),
    ...(channel.type === channelType.forum
      ? {
          available_tags: [],
          default_reaction_emoji: null,
          default_sort_order: null,
          default_forum_layout: 0,
        }
      : {}),
  };
}
