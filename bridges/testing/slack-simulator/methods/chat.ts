import { openDm } from '../operations/channels.ts';
import {
  deleteMessage,
  editMessage,
  type NewMessage,
  postMessage,
  requireMessage,
} from '../operations/messages.ts';
import { renderMessage } from '../render/render-message.ts';
import { SlackApiError } from '../slack-api-error.ts';
import {
  joinedChannel,
  requireScope,
  visibleChannel,
  type WebApiCall,
  type WebApiMethod,
} from '../web-api-call.ts';
import type { Channel, Message, MessageMetadata } from '../world.ts';

function blocksArgument(call: WebApiCall): { blocks?: unknown[] } {
  const blocks = call.args.structure('blocks', 'invalid_blocks_format');
  if (blocks === undefined) return {};
  if (!Array.isArray(blocks)) throw new SlackApiError('invalid_blocks_format');
  return { blocks };
}

function attachmentsArgument(call: WebApiCall): { attachments?: unknown[] } {
  const attachments = call.args.structure('attachments', 'invalid_attachments');
  if (attachments === undefined) return {};
  if (!Array.isArray(attachments)) throw new SlackApiError('invalid_attachments');
  return { attachments };
}

/** Metadata that is malformed does not stop a post; Slack says so in a warning and drops it. */
function metadataArgument(call: WebApiCall): { metadata?: MessageMetadata } {
  const metadata = call.args.structure('metadata', 'invalid_metadata_format') as
    | Partial<MessageMetadata>
    | undefined;
  if (metadata === undefined) return {};
  const { event_type, event_payload } = metadata;
  if (typeof event_type !== 'string' || typeof event_payload !== 'object' || event_payload === null) {
    throw new SlackApiError('invalid_metadata_format');
  }
  return { metadata: { event_type, event_payload } };
}

/** Another name and picture for one message: bots with `chat:write.customize` only; ignored on a person's token. */
function customNameArgument(call: WebApiCall): Pick<NewMessage, 'customName'> {
  const username = call.args.optional('username');
  if (!username || call.token.kind !== 'bot') return {};
  requireScope(call.token, ['chat:write.customize']);
  const iconUrl = call.args.optional('icon_url');
  const iconEmoji = call.args.optional('icon_emoji');
  const icons = iconUrl ? { image_48: iconUrl } : iconEmoji ? { emoji: iconEmoji } : undefined;
  return { customName: { username, ...(icons ? { icons } : {}) } };
}

/** A person's id in place of a conversation's means the direct message with them. */
function targetChannel(call: WebApiCall): Channel {
  const target = call.args.required('channel');
  if (call.team.users.has(target)) {
    return openDm(call.simulation, call.team, [call.token.userId, target]).channel;
  }
  return joinedChannel(call);
}

function render(call: WebApiCall, channel: Channel, message: Message): Record<string, unknown> {
  return renderMessage(call.world, call.team, channel, message, { metadata: true, reactions: false });
}

export const chatMethods: Record<string, WebApiMethod> = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    tier: 'special',
    run: (call) => {
      const channel = targetChannel(call);
      const threadTs = call.args.optional('thread_ts');
      const message = postMessage(call.simulation, call.token, channel, {
        text: call.args.optional('text') ?? '',
        ...blocksArgument(call),
        ...attachmentsArgument(call),
        ...metadataArgument(call),
        ...customNameArgument(call),
        ...(threadTs ? { threadTs, broadcast: call.args.flag('reply_broadcast') } : {}),
      });
      return { channel: channel.id, ts: message.ts, message: render(call, channel, message) };
    },
  },
  'chat.meMessage': {
    scopes: ['chat:write'],
    tier: 3,
    run: (call) => {
      const channel = joinedChannel(call);
      const text = call.args.required('text');
      const message = postMessage(call.simulation, call.token, channel, { text, subtype: 'me_message' });
      return { channel: channel.id, ts: message.ts };
    },
  },
  'chat.update': {
    scopes: ['chat:write'],
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      const text = call.args.optional('text');
      const message = editMessage(call.simulation, call.token, channel, call.args.required('ts'), {
        ...(text === undefined ? {} : { text }),
        ...blocksArgument(call),
        ...attachmentsArgument(call),
        ...metadataArgument(call),
      });
      return {
        channel: channel.id,
        ts: message.ts,
        text: message.text,
        message: render(call, channel, message),
      };
    },
  },
  'chat.delete': {
    scopes: ['chat:write'],
    tier: 3,
    run: (call) => {
      const channel = visibleChannel(call);
      const ts = call.args.required('ts');
      deleteMessage(call.simulation, call.token, channel, ts);
      return { channel: channel.id, ts };
    },
  },
  'chat.getPermalink': {
    scopes: [],
    tier: 'special',
    run: (call) => {
      const channel = visibleChannel(call);
      const message = requireMessage(channel, call.args.required('message_ts'));
      const link = `https://${call.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
      const inThread = message.threadTs && message.threadTs !== message.ts;
      const query = inThread ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : '';
      return { channel: channel.id, permalink: `${link}${query}` };
    },
  },
};
