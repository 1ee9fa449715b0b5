import { compareTs } from '../timestamps.ts';
import type { App, Channel, Message, Team, World } from '../world.ts';
import { renderFile } from './render-file.ts';

export function repliesTo(channel: Channel, parentTs: string): Message[] {
  return [...channel.messages.values()]
    .filter((message) => message.threadTs === parentTs && message.ts !== parentTs)
    .sort((a, b) => compareTs(a.ts, b.ts));
}

/** An app's bot as `bot_profile` of its messages. */
export function renderBot(world: World, app: App, botId: string, teamId: string): Record<string, unknown> {
  const icon = (size: number) => `${world.origin}/avatars/${app.id}-${size}.png`;
  return {
    id: botId,
    app_id: app.id,
    name: app.name,
    deleted: false,
    updated: 0,
    team_id: teamId,
    icons: { image_36: icon(36), image_48: icon(48), image_72: icon(72) },
  };
}

/** What a thread's parent shows of its replies. */
function threadSummary(channel: Channel, message: Message): Record<string, unknown> {
  const replies = repliesTo(channel, message.ts);
  const last = replies.at(-1);
  if (!last) return {};
  const users = [...new Set(replies.flatMap((reply) => reply.userId ?? reply.botId ?? []))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    latest_reply: last.ts,
    reply_users: users,
    is_locked: false,
    subscribed: false,
  };
}

function threadFields(channel: Channel, message: Message): Record<string, unknown> {
  if (!message.threadTs || message.threadTs === message.ts) return threadSummary(channel, message);
  const parent = channel.messages.get(message.threadTs);
  return {
    thread_ts: message.threadTs,
    ...(parent?.userId ? { parent_user_id: parent.userId } : {}),
    ...(message.subtype === 'thread_broadcast' && parent ? { root: renderRoot(channel, parent) } : {}),
  };
}

function renderRoot(channel: Channel, parent: Message): Record<string, unknown> {
  return {
    type: 'message',
    ...(parent.userId ? { user: parent.userId } : {}),
    text: parent.text,
    ts: parent.ts,
    ...(parent.blocks ? { blocks: parent.blocks } : {}),
    ...threadSummary(channel, parent),
  };
}

/**
 * A message as the Web API and the Events API show it. `metadata` is shown on request only, as by
 * `include_all_metadata`; `reactions` never in events.
 */
export function renderMessage(
  world: World,
  team: Team,
  channel: Channel,
  message: Message,
  options: { metadata?: boolean; reactions?: boolean; fileShareSubtype?: boolean } = {},
): Record<string, unknown> {
  if (message.subtype === 'tombstone') {
    return {
      type: 'message',
      subtype: 'tombstone',
      hidden: true,
      user: 'USLACKBOT',
      text: 'This message was deleted.',
      ts: message.ts,
      ...threadSummary(channel, message),
    };
  }
  const files = message.fileIds.flatMap((id) => team.files.get(id) ?? []);
  const subtype =
    message.subtype ?? (options.fileShareSubtype && files.length > 0 ? 'file_share' : undefined);
  const byApp =
    message.app && message.botId
      ? {
          bot_id: message.botId,
          app_id: message.app.id,
          bot_profile: renderBot(world, message.app, message.botId, team.id),
        }
      : {};
  return {
    type: 'message',
    ...(subtype ? { subtype } : {}),
    ...(message.clientMsgId ? { client_msg_id: message.clientMsgId } : {}),
    text: message.text,
    ...(files.length > 0
      ? {
          files: files.map((file) => renderFile(world, file, { withShares: false, asSharedByOthers: true })),
          upload: false,
        }
      : {}),
    ...(message.userId ? { user: message.userId, team: team.id } : {}),
    ts: message.ts,
    ...byApp,
    ...message.customName,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.attachments ? { attachments: message.attachments } : {}),
    ...threadFields(channel, message),
    ...(message.edited ? { edited: message.edited } : {}),
    ...(options.reactions !== false && message.reactions.length > 0
      ? {
          reactions: message.reactions.map((r) => ({
            name: r.name,
            users: [...r.users],
            count: r.users.length,
          })),
        }
      : {}),
    ...(options.metadata && message.metadata ? { metadata: message.metadata } : {}),
    ...message.extra,
  };
}
