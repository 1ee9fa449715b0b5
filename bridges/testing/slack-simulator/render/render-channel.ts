import type { Channel, Token } from '../world.ts';

/** The other person of a direct message, or oneself in the conversation with oneself. */
export function dmPartner(channel: Channel, userId: string): string {
  return [...channel.members].find((member) => member !== userId) ?? userId;
}

/** A conversation as one person sees it. `last_read` is given only by `conversations.info` and its like. */
export function renderChannel(
  channel: Channel,
  viewer: Pick<Token, 'userId'>,
  options: { lastRead?: boolean; memberCount?: boolean } = {},
): Record<string, unknown> {
  const lastRead = options.lastRead
    ? { last_read: channel.lastRead.get(viewer.userId) ?? '0000000000.000000' }
    : {};
  const common = {
    id: channel.id,
    created: channel.createdS,
    is_archived: channel.isArchived,
    is_org_shared: false,
    context_team_id: channel.teamId,
    updated: channel.createdS * 1000,
  };
  if (channel.kind === 'im') {
    const user = dmPartner(channel, viewer.userId);
    return { ...common, is_im: true, user, is_user_deleted: false, priority: 0, ...lastRead };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === 'channel',
    is_group: channel.kind === 'group',
    is_im: false,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'channel',
    is_general: channel.name === 'general',
    unlinked: 0,
    is_shared: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
    pending_shared: [],
    pending_connected_team_ids: [],
    creator: channel.creator,
    shared_team_ids: [channel.teamId],
    is_member: channel.members.has(viewer.userId),
    topic: channel.topic,
    purpose: channel.purpose,
    previous_names: channel.previousNames,
    ...(options.memberCount ? { num_members: channel.members.size } : {}),
    ...lastRead,
  };
}
