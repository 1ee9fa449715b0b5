import * as v from 'valibot';
import type { RemoteChatInfo } from '../../core/network-client.ts';
import type { RemoteChatId } from '../../core/remote-ids.ts';
import { isSlackId, parseChatId, teamChatId, userIdOf } from '../slack-ids.ts';
import type { SlackSession } from './slack-client.ts';
import { userInfo } from './user-info.ts';

const flag = v.fallback(v.optional(v.boolean(), false), false);
const name = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(300)), ''), '');
const id = v.custom<string>(isSlackId, 'not an id of Slack');

export const conversationSchema = v.object({
  id,
  name,
  is_im: flag,
  is_mpim: flag,
  is_archived: flag,
  is_read_only: flag,
  user: v.fallback(v.optional(id), undefined),
  topic: v.fallback(v.optional(v.object({ value: v.string() })), undefined),
  purpose: v.fallback(v.optional(v.object({ value: v.string() })), undefined),
});

type Conversation = v.InferOutput<typeof conversationSchema>;

const infoSchema = v.object({ channel: conversationSchema });

const membersSchema = v.object({ members: v.array(id) });

const teamSchema = v.object({
  team: v.object({
    name,
    icon: v.fallback(v.optional(v.looseObject({ image_132: v.string(), image_default: flag })), undefined),
  }),
});

/** A conversation, or for a workspace's own id its space. */
export async function chatInfo(session: SlackSession, chatId: RemoteChatId): Promise<RemoteChatInfo> {
  const { channelId } = parseChatId(chatId);
  if (channelId === undefined) return teamInfo(session);
  const { channel } = await session.api.read('conversations.info', infoSchema, { channel: channelId });
  if (channel.is_im) return { ...common(session, channel), ...(await dmInfo(session, channel.user ?? '')) };
  if (channel.is_mpim) return { ...common(session, channel), ...(await groupInfo(session, channelId)) };
  return channelInfo(session, channel);
}

/** A channel, for which its description is enough; who is in a direct message or group has to be asked. */
export function channelInfo(session: SlackSession, channel: Conversation): RemoteChatInfo {
  const topic = channel.topic?.value || channel.purpose?.value;
  return {
    ...common(session, channel),
    kind: 'channel',
    name: channel.name || channel.id,
    ...(topic ? { topic } : {}),
    order: orderOf('1', channel.name),
    readOnly: channel.is_archived || channel.is_read_only,
  };
}

function common(session: SlackSession, { id: channelId }: Conversation) {
  return { parent: teamChatId(session.teamId), externalUrl: `${session.teamUrl}archives/${channelId}` };
}

async function teamInfo(session: SlackSession): Promise<RemoteChatInfo> {
  const { team } = await session.api.read('team.info', teamSchema);
  return {
    kind: 'space',
    name: team.name || session.teamId,
    externalUrl: session.teamUrl,
    ...(team.icon && !team.icon.image_default ? { avatarUrl: team.icon.image_132 } : {}),
  };
}

async function dmInfo(session: SlackSession, otherId: string): Promise<RemoteChatInfo> {
  const other = userIdOf(session.teamId, otherId);
  const { name: otherName, avatarUrl, avatarId } = await userInfo(session, other);
  return {
    kind: 'dm',
    name: otherName,
    ...(avatarUrl ? { avatarUrl } : {}),
    ...(avatarId ? { avatarId } : {}),
    order: orderOf('3', otherName),
    members: [other],
  };
}

async function groupInfo(session: SlackSession, channelId: string): Promise<RemoteChatInfo> {
  const args = { channel: channelId, limit: 20 };
  const { members } = await session.api.read('conversations.members', membersSchema, args);
  const others = members
    .filter((member) => member !== session.userId)
    .map((member) => userIdOf(session.teamId, member));
  const names: string[] = [];
  for (const other of others) names.push((await userInfo(session, other)).name);
  return {
    kind: 'group',
    name: names.join(', ') || channelId,
    order: orderOf('2', names.join()),
    members: others,
  };
}

/** Channels, then groups, then people, each by name. */
function orderOf(rank: string, text: string): string {
  return `${rank}${text.toLowerCase().replace(/[^\x20-\x7e]/g, '')}`.slice(0, 50);
}
