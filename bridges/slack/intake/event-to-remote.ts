import * as v from 'valibot';
import { isJsonObject } from '../../../matrix/json.ts';
import type { RemoteEvent } from '../../core/remote-event.ts';
import type { RemoteUserId } from '../../core/remote-ids.ts';
import { isUnfurl } from '../convert/attachments-to-html.ts';
import { keyOfName } from '../convert/emoji.ts';
import { isSpoken, remoteEditOf, remoteMessageOf } from '../remote-message-of.ts';
import { chatIdOf, isSlackId, isSlackTs, messageIdOf, msOfTs, teamChatId, userIdOf } from '../slack-ids.ts';
import { messageSchema, parseMessage, type SlackMessage } from '../slack-message.ts';

/** What an event of Slack means for the bridge. */
export type SlackEffect =
  | { kind: 'remote'; event: RemoteEvent }
  /** A name or picture changed. */
  | { kind: 'userChanged'; userId: RemoteUserId }
  /** The person is no longer in the conversation. */
  | { kind: 'left'; channelId: string }
  /** The app was removed or its tokens revoked. */
  | { kind: 'revoked'; reason: string };

const id = v.custom<string>(isSlackId, 'not an id');
const ts = v.custom<string>(isSlackTs, 'not a timestamp');
const eventTs = v.object({ event_ts: ts });

const schemas = {
  message: v.object({ channel: id, subtype: v.optional(v.string()), event_ts: v.optional(ts), ts }),
  changed: v.object({ message: messageSchema, previous_message: v.optional(v.unknown()) }),
  deleted: v.object({ deleted_ts: ts }),
  reaction: v.object({
    user: id,
    reaction: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
    item: v.object({ type: v.literal('message'), channel: id, ts }),
    event_ts: ts,
  }),
  membership: v.object({ user: id, channel: id, event_ts: ts }),
  left: v.object({ channel: id }),
  channel: v.object({
    channel: v.union([
      id,
      v.pipe(
        v.object({ id }),
        v.transform((channel) => channel.id),
      ),
    ]),
    event_ts: ts,
  }),
  userChange: v.object({ user: v.object({ id }) }),
  revoked: v.object({ tokens: v.object({ oauth: v.optional(v.array(v.string()), []) }) }),
};

/**
 * Reads an event. One that means nothing here gives nothing; one that is malformed throws, which is for the
 * inbox to note.
 * @param selfId the person whose app this is
 */
export function effectsOf(teamId: string, selfId: string, event: unknown): SlackEffect[] {
  const { type } = v.parse(v.object({ type: v.string() }), event);
  switch (type) {
    case 'message':
      return messageEffects(teamId, event);
    case 'reaction_added':
    case 'reaction_removed':
      return remote(reactionEvent(teamId, type, event));
    case 'member_joined_channel': {
      const { user, channel, event_ts } = v.parse(schemas.membership, event);
      return user === selfId ? resync(teamId, channel, event_ts) : [];
    }
    case 'channel_left':
    case 'group_left':
      return [{ kind: 'left', channelId: v.parse(schemas.left, event).channel }];
    case 'channel_rename':
    case 'group_rename':
    case 'channel_archive':
    case 'channel_unarchive':
    case 'group_archive':
    case 'group_unarchive':
    case 'group_open':
    case 'im_open': {
      const { channel, event_ts } = v.parse(schemas.channel, event);
      return resync(teamId, channel, event_ts);
    }
    case 'team_rename':
    case 'team_domain_change':
      return resync(teamId, undefined, v.parse(eventTs, event).event_ts);
    case 'user_change':
      return [{ kind: 'userChanged', userId: userIdOf(teamId, v.parse(schemas.userChange, event).user.id) }];
    case 'tokens_revoked': {
      const { oauth } = v.parse(schemas.revoked, event).tokens;
      return oauth.includes(selfId) ? [{ kind: 'revoked', reason: 'token_revoked' }] : [];
    }
    case 'app_uninstalled':
      return [{ kind: 'revoked', reason: 'app_uninstalled' }];
    default:
      return [];
  }
}

function messageEffects(teamId: string, event: unknown): SlackEffect[] {
  const { channel, subtype, event_ts, ts: ownTs } = v.parse(schemas.message, event);
  const changedTs = event_ts ?? ownTs;
  switch (subtype) {
    case 'message_changed':
      return changedEffects(teamId, channel, changedTs, event);
    case 'message_deleted':
      return remote(removal(teamId, channel, v.parse(schemas.deleted, event).deleted_ts, changedTs));
    case 'channel_topic':
    case 'channel_purpose':
    case 'channel_name':
    case 'group_topic':
    case 'group_purpose':
    case 'group_name':
      return resync(teamId, channel, changedTs);
    default: {
      const message = v.parse(messageSchema, event);
      return isSpoken(message) ? remote(remoteMessageOf(teamId, channel, message)) : [];
    }
  }
}

/** Edits, but also previews, pins and huddles, which change nothing that is shown, and deleted beginnings of threads. */
function changedEffects(teamId: string, channelId: string, changedTs: string, event: unknown): SlackEffect[] {
  const { message, previous_message: previous } = v.parse(schemas.changed, event);
  if (message.subtype === 'tombstone') return remote(removal(teamId, channelId, message.ts, changedTs));
  const before = parseMessage(previous);
  if (!isSpoken(message) || (before && shownContent(before) === shownContent(message))) return [];
  return remote(remoteEditOf(teamId, channelId, message, changedTs));
}

/** What a message shows, for comparison: without the ids that Slack gives blocks anew. */
function shownContent({ text, blocks, files, attachments }: SlackMessage): string {
  const shown = {
    text: text ?? '',
    blocks: blocks ?? [],
    files: (files ?? []).map((file) => [file.id, file.mode]),
    attachments: (attachments ?? []).filter(
      (attachment) => !(isJsonObject(attachment) && isUnfurl(attachment)),
    ),
  };
  return JSON.stringify(shown, (key, value: unknown) => (key === 'block_id' ? undefined : value));
}

function removal(teamId: string, channelId: string, removedTs: string, changedTs: string): RemoteEvent {
  return {
    kind: 'remove',
    chatId: chatIdOf(teamId, channelId),
    messageId: messageIdOf(teamId, channelId, removedTs),
    timestampMs: msOfTs(changedTs),
  };
}

function reactionEvent(teamId: string, type: string, event: unknown): RemoteEvent {
  const { user, reaction, item, event_ts } = v.parse(schemas.reaction, event);
  const common = {
    chatId: chatIdOf(teamId, item.channel),
    messageId: messageIdOf(teamId, item.channel, item.ts),
    timestampMs: msOfTs(event_ts),
    sender: { userId: userIdOf(teamId, user) },
    emoji: reaction,
    version: event_ts,
  };
  return type === 'reaction_added'
    ? { ...common, kind: 'reaction', key: keyOfName(reaction) }
    : { ...common, kind: 'reactionRemove' };
}

function resync(teamId: string, channelId: string | undefined, eventTsText: string): SlackEffect[] {
  return remote({
    kind: 'chatResync',
    chatId: channelId === undefined ? teamChatId(teamId) : chatIdOf(teamId, channelId),
    timestampMs: msOfTs(eventTsText),
    version: eventTsText,
  });
}

function remote(event: RemoteEvent): SlackEffect[] {
  return [{ kind: 'remote', event }];
}
