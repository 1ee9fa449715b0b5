import { invalidFormBody, wrongChannelType } from '../discord-api-error.ts';
import {
  bulkDeleteMessages,
  createMessage,
  deleteMessage,
  editMessage,
  requireMessage,
} from '../operations/messages.ts';
import { permission } from '../permissions.ts';
import { compareSnowflakes, isSnowflake } from '../snowflakes.ts';
import { type Channel, channelType, type Message } from '../world.ts';
import { messageEditOf, newMessageOf } from './message-body.ts';
import {
  type BotCall,
  integerQuery,
  noContent,
  ok,
  type Route,
  requirePermission,
  shown,
  visibleChannel,
} from './rest-call.ts';

/** How long an `enforce_nonce` is remembered. */
const nonceWindowMs = 300_000;

function newestFirst(messages: Message[]): Message[] {
  return messages.sort((a, b) => compareSnowflakes(b.id, a.id));
}

/** `after` gives the ones right after it, `before` right before, `around` both; always newest first. */
function page(call: BotCall, channel: Channel): Message[] {
  const limit = integerQuery(call, 'limit', 50, 100);
  const all = newestFirst([...channel.messages.values()]);
  const given = ['around', 'before', 'after'].filter((name) => call.query.has(name));
  const [name] = given;
  if (!name) return all.slice(0, limit);
  const id = call.query.get(name) ?? '';
  if (given.length > 1 || !/^\d+$/.test(id)) {
    throw invalidFormBody(name, 'NUMBER_TYPE_COERCE', `Value "${id}" is not snowflake.`);
  }
  const older = all.filter((message) => compareSnowflakes(message.id, id) < 0);
  const newer = all.filter((message) => compareSnowflakes(message.id, id) > 0);
  if (name === 'before') return older.slice(0, limit);
  if (name === 'after') return newer.slice(-limit);
  const half = Math.floor(limit / 2);
  const itself = all.filter((message) => message.id === id);
  return [...newer.slice(-half), ...itself, ...older.slice(0, limit - half)].slice(0, limit);
}

/** The message that an earlier request with the same enforced nonce made, so that a repeat makes none. */
function earlierWithNonce(call: BotCall, channel: Channel): Message | undefined {
  const { nonce, enforce_nonce: enforce } = call.body;
  if (enforce !== true || nonce === undefined || nonce === null) return undefined;
  const sinceMs = call.world.clock.nowMs() - nonceWindowMs;
  return [...channel.messages.values()].find(
    (message) =>
      message.author.id === call.application.botUserId &&
      String(message.nonce) === String(nonce) &&
      Date.parse(message.timestamp) >= sinceMs,
  );
}

interface ReplyReference {
  message_id?: string;
  channel_id?: string;
  fail_if_not_exists?: boolean | null;
}

/** A reply to a message that is gone fails, unless the caller says otherwise; then it is an ordinary message. */
function replyTo(call: BotCall, channel: Channel): { replyTo?: string } {
  const reference = call.body.message_reference as ReplyReference | null | undefined;
  if (!reference?.message_id) return {};
  if (!channel.messages.has(reference.message_id) && reference.fail_if_not_exists === false) return {};
  return { replyTo: reference.message_id };
}

export function requireSendPermission(call: BotCall, channel: Channel): void {
  requirePermission(
    call,
    channel,
    channel.thread ? permission.sendMessagesInThreads : permission.sendMessages,
  );
  if (call.files.length > 0) requirePermission(call, channel, permission.attachFiles);
  if (channel.type === channelType.forum || channel.type === channelType.category) throw wrongChannelType();
}

export const messageRoutes: Route[] = [
  {
    operationId: 'list_messages',
    method: 'GET',
    path: '/channels/{channel_id}/messages',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      const has = permission.readMessageHistory;
      requirePermission(call, channel, has);
      return ok(page(call, channel).map((message) => shown(call, message)));
    },
  },
  {
    operationId: 'get_message',
    method: 'GET',
    path: '/channels/{channel_id}/messages/{message_id}',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.readMessageHistory);
      return ok(shown(call, requireMessage(channel, call.params.message_id ?? '')));
    },
  },
  {
    operationId: 'create_message',
    method: 'POST',
    path: '/channels/{channel_id}/messages',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requireSendPermission(call, channel);
      const earlier = earlierWithNonce(call, channel);
      if (earlier) return ok(shown(call, earlier));
      const nonce = call.body.nonce as string | number | null | undefined;
      const message = createMessage(call.simulation, channel, {
        author: { kind: 'user', id: call.application.botUserId },
        ...newMessageOf(call, channel),
        ...replyTo(call, channel),
        ...(nonce === undefined || nonce === null ? {} : { nonce }),
      });
      return ok(shown(call, message));
    },
  },
  {
    operationId: 'update_message',
    method: 'PATCH',
    path: '/channels/{channel_id}/messages/{message_id}',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      const message = requireMessage(channel, call.params.message_id ?? '');
      const edit = messageEditOf(call, channel, message.attachmentIds);
      return ok(
        shown(call, editMessage(call.simulation, channel, message.id, edit, call.application.botUserId)),
      );
    },
  },
  {
    operationId: 'delete_message',
    method: 'DELETE',
    path: '/channels/{channel_id}/messages/{message_id}',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      const message = requireMessage(channel, call.params.message_id ?? '');
      if (message.author.id !== call.application.botUserId) {
        requirePermission(call, channel, permission.manageMessages);
      }
      deleteMessage(call.simulation, channel, message.id);
      return noContent;
    },
  },
  {
    operationId: 'bulk_delete_messages',
    method: 'POST',
    path: '/channels/{channel_id}/messages/bulk-delete',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.manageMessages);
      const ids = (call.body.messages ?? []) as string[];
      if (ids.length < 2 || ids.length > 100 || !ids.every(isSnowflake)) {
        throw invalidFormBody('messages', 'BASE_TYPE_BAD_LENGTH', 'Must be between 2 and 100 in length.');
      }
      bulkDeleteMessages(call.simulation, channel, ids);
      return noContent;
    },
  },
];
