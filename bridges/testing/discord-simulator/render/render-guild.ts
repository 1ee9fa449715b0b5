import { mayView } from '../permissions.ts';
import { channelsOf, type Guild, type GuildEmoji, type Role, type World } from '../world.ts';
import { renderChannel, renderThread } from './render-channel.ts';
import { renderMember } from './render-user.ts';

export function renderRole(role: Role): Record<string, unknown> {
  return {
    id: role.id,
    name: role.name,
    description: null,
    permissions: role.permissions.toString(),
    position: role.position,
    color: role.color,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    mentionable: true,
    icon: null,
    unicode_emoji: null,
    flags: 0,
  };
}

export function renderEmoji(emoji: GuildEmoji): Record<string, unknown> {
  return {
    id: emoji.id,
    name: emoji.name,
    roles: [],
    require_colons: true,
    managed: false,
    animated: emoji.animated,
    available: true,
  };
}

export function renderGuild(guild: Guild): Record<string, unknown> {
  return {
    id: guild.id,
    name: guild.name,
    icon: guild.icon,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: 'deprecated',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [...guild.roles.values()].map(renderRole),
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: 'en-US',
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [...guild.emojis.values()].map(renderEmoji),
    stickers: [],
    incidents_data: null,
  };
}

/** GUILD_CREATE: the guild with what this viewer may see in it, active threads included. */
export function renderFullGuild(world: World, guild: Guild, viewerId: string): Record<string, unknown> {
  const visible = channelsOf(world, guild.id).filter((channel) => mayView(world, channel, viewerId));
  const member = guild.members.get(viewerId);
  return {
    ...renderGuild(guild),
    joined_at: member?.joinedAt,
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    members: member ? [renderMember(world, member)] : [],
    channels: visible
      .filter((channel) => !channel.thread)
      .map((channel) => renderChannel(world, channel, viewerId)),
    threads: visible
      .filter((channel) => channel.thread && !channel.thread.archived)
      .map((channel) => renderThread(channel, viewerId)),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
