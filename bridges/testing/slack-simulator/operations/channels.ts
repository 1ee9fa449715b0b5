import { channelAudience } from '../event-audience.ts';
import { renderChannel } from '../render/render-channel.ts';
import { SlackApiError } from '../slack-api-error.ts';
import type { Simulation } from '../slack-simulator.ts';
import { currentTs, nextTs } from '../timestamps.ts';
import { type Channel, type ChannelKind, nowS, type Team, teamOf } from '../world.ts';
import { storeMessage } from './messages.ts';

const idPrefix: Record<ChannelKind, string> = { channel: 'C', group: 'C', im: 'D', mpim: 'C' };
const namePattern = /^[a-z0-9_\-\p{L}\p{N}]{1,80}$/u;

function newChannel(
  simulation: Simulation,
  team: Team,
  kind: ChannelKind,
  name: string,
  members: string[],
): Channel {
  const creator = members[0] ?? 'USLACKBOT';
  const channel: Channel = {
    id: simulation.world.ids.base36(idPrefix[kind], 10),
    teamId: team.id,
    kind,
    name,
    creator,
    createdS: nowS(simulation.world),
    isArchived: false,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previousNames: [],
    members: new Set(members),
    lastRead: new Map(),
    messages: new Map(),
    lastTsMicros: 0n,
  };
  team.channels.set(channel.id, channel);
  return channel;
}

/** @throws SlackApiError `name_taken`, `invalid_name_specials` */
export function createChannel(
  simulation: Simulation,
  team: Team,
  options: { name: string; isPrivate: boolean; members: string[] },
): Channel {
  requireFreeName(team, options.name);
  const kind = options.isPrivate ? 'group' : 'channel';
  const channel = newChannel(simulation, team, kind, options.name, options.members);
  if (kind === 'channel') {
    const { is_member: _, ...shown } = renderChannel(channel, { userId: channel.creator });
    simulation.deliveries.emit(
      team,
      { type: 'channel_created', channel: shown, event_ts: currentTs(simulation.world) },
      { kind: 'team', subscription: 'channel_created', scope: 'channels:read' },
    );
  }
  for (const member of channel.members) emitMembership(simulation, channel, member, 'member_joined_channel');
  return channel;
}

function requireFreeName(team: Team, name: string): void {
  if (!name) throw new SlackApiError('invalid_name_required');
  if (name.length > 80) throw new SlackApiError('invalid_name_maxlength');
  if (!namePattern.test(name) || name !== name.toLowerCase())
    throw new SlackApiError('invalid_name_specials');
  if ([...team.channels.values()].some((channel) => channel.name === name))
    throw new SlackApiError('name_taken');
}

/** The direct message of exactly these people; opened once, then the same for ever. */
export function openDm(
  simulation: Simulation,
  team: Team,
  userIds: string[],
): { channel: Channel; isNew: boolean } {
  const members = [...new Set(userIds)];
  const kind: ChannelKind = members.length > 2 ? 'mpim' : 'im';
  const existing = [...team.channels.values()].find(
    (channel) =>
      channel.kind === kind &&
      channel.members.size === members.length &&
      members.every((member) => channel.members.has(member)),
  );
  if (existing) return { channel: existing, isNew: false };
  const names = members.map((id) => team.users.get(id)?.name ?? id);
  const channel = newChannel(
    simulation,
    team,
    kind,
    kind === 'mpim' ? `mpdm-${names.join('--')}-1` : '',
    members,
  );
  if (kind === 'im') {
    for (const member of members) {
      const event = { user: member, channel: renderChannel(channel, { userId: member }) };
      simulation.deliveries.emit(
        team,
        { type: 'im_created', ...event, event_ts: currentTs(simulation.world) },
        { kind: 'user', userId: member, subscription: 'im_created', scope: 'im:read' },
      );
    }
  }
  return { channel, isNew: true };
}

function emitMembership(
  simulation: Simulation,
  channel: Channel,
  userId: string,
  type: 'member_joined_channel' | 'member_left_channel',
  inviter?: string,
): void {
  simulation.deliveries.emit(
    teamOf(simulation.world, channel.teamId),
    {
      type,
      user: userId,
      channel: channel.id,
      channel_type: channel.id.slice(0, 1),
      team: channel.teamId,
      ...(inviter ? { inviter } : {}),
      event_ts: nextTs(simulation.world, channel),
    },
    channelAudience(channel, type),
  );
}

function systemMessage(
  simulation: Simulation,
  channel: Channel,
  event: string,
  userId: string,
  text: string,
  extra: Record<string, unknown> = {},
): void {
  const subtype = `${channel.kind === 'channel' ? 'channel' : 'group'}_${event}`;
  storeMessage(simulation, channel, {
    channelId: channel.id,
    userId,
    text,
    subtype,
    extra,
    fileIds: [],
    reactions: [],
  });
}

/** Joins, or is brought in by `inviter`. Does nothing for a member. */
export function addMember(simulation: Simulation, channel: Channel, userId: string, inviter?: string): void {
  if (channel.members.has(userId)) return;
  channel.members.add(userId);
  emitMembership(simulation, channel, userId, 'member_joined_channel', inviter);
  const extra = inviter ? { inviter } : {};
  systemMessage(simulation, channel, 'join', userId, `<@${userId}> has joined the channel`, extra);
}

export function removeMember(simulation: Simulation, channel: Channel, userId: string): void {
  if (!channel.members.has(userId)) return;
  systemMessage(simulation, channel, 'leave', userId, `<@${userId}> has left the channel`);
  const type = channel.kind === 'channel' ? 'channel_left' : 'group_left';
  simulation.deliveries.emit(
    teamOf(simulation.world, channel.teamId),
    { type, channel: channel.id, actor_id: userId, event_ts: nextTs(simulation.world, channel) },
    {
      kind: 'user',
      userId,
      subscription: type,
      scope: channel.kind === 'channel' ? 'channels:read' : 'groups:read',
    },
  );
  channel.members.delete(userId);
  emitMembership(simulation, channel, userId, 'member_left_channel');
}

export function setTopic(simulation: Simulation, channel: Channel, userId: string, topic: string): void {
  if (topic.length > 250) throw new SlackApiError('too_long');
  channel.topic = { value: topic, creator: userId, last_set: nowS(simulation.world) };
  systemMessage(simulation, channel, 'topic', userId, `set the channel topic: ${topic}`, { topic });
}

export function setPurpose(simulation: Simulation, channel: Channel, userId: string, purpose: string): void {
  if (purpose.length > 250) throw new SlackApiError('too_long');
  channel.purpose = { value: purpose, creator: userId, last_set: nowS(simulation.world) };
  systemMessage(simulation, channel, 'purpose', userId, `set the channel description: ${purpose}`, {
    purpose,
  });
}

export function renameChannel(simulation: Simulation, channel: Channel, userId: string, name: string): void {
  const team = teamOf(simulation.world, channel.teamId);
  requireFreeName(team, name);
  const oldName = channel.name;
  channel.previousNames = [oldName, ...channel.previousNames];
  channel.name = name;
  const text = `has renamed the channel from "${oldName}" to "${name}"`;
  systemMessage(simulation, channel, 'name', userId, text, { name, old_name: oldName });
  const type = channel.kind === 'channel' ? 'channel_rename' : 'group_rename';
  simulation.deliveries.emit(
    team,
    {
      type,
      channel: {
        id: channel.id,
        is_channel: channel.kind === 'channel',
        is_mpim: false,
        name,
        name_normalized: name,
        created: channel.createdS,
      },
      event_ts: nextTs(simulation.world, channel),
    },
    channelAudience(channel, type),
  );
}

export function setArchived(
  simulation: Simulation,
  channel: Channel,
  userId: string,
  archived: boolean,
): void {
  if (channel.isArchived === archived)
    throw new SlackApiError(archived ? 'already_archived' : 'not_archived');
  channel.isArchived = archived;
  const type = `${channel.kind === 'channel' ? 'channel' : 'group'}_${archived ? 'archive' : 'unarchive'}`;
  simulation.deliveries.emit(
    teamOf(simulation.world, channel.teamId),
    { type, channel: channel.id, user: userId, event_ts: nextTs(simulation.world, channel) },
    channelAudience(channel, type),
  );
}
