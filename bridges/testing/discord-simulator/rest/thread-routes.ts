import { invalidFormBody } from '../discord-api-error.ts';
import { createThread, setThreadMember } from '../operations/threads.ts';
import { permission } from '../permissions.ts';
import { renderThread } from '../render/render-channel.ts';
import { type Channel, channelType } from '../world.ts';
import { newMessageOf } from './message-body.ts';
import {
  type BotCall,
  integerQuery,
  noContent,
  ok,
  type RestCall,
  type RestResult,
  type Route,
  requirePermission,
  visibleChannel,
} from './rest-call.ts';

function threadName(call: RestCall): string {
  const name = String(call.body.name ?? '');
  if (name === '' || name.length > 100) {
    throw invalidFormBody('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
  }
  return name;
}

function common(call: BotCall) {
  const minutes = call.body.auto_archive_duration;
  return {
    name: threadName(call),
    ownerId: call.application.botUserId,
    ...(typeof minutes === 'number' ? { autoArchiveMinutes: minutes } : {}),
  };
}

function created(call: BotCall, thread: Channel): RestResult {
  return { status: 201, body: renderThread(thread, call.application.botUserId) };
}

/** A forum post's message is nested in the body, files included. */
function firstMessage(call: BotCall, channel: Channel) {
  const body = (call.body.message ?? {}) as Record<string, unknown>;
  return newMessageOf({ ...call, body }, channel);
}

function requireThread(call: BotCall): Channel {
  const channel = visibleChannel(call);
  if (!channel.thread) throw invalidFormBody('channel_id', 'CHANNEL_TYPE_INVALID', 'Not a thread.');
  return channel;
}

function userParam(call: BotCall): string {
  return call.params.user_id ?? call.application.botUserId;
}

export const threadRoutes: Route[] = [
  {
    operationId: 'create_thread_from_message',
    method: 'POST',
    path: '/channels/{channel_id}/messages/{message_id}/threads',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.createPublicThreads);
      const messageId = call.params.message_id ?? '';
      return created(call, createThread(call.simulation, channel, { ...common(call), messageId }));
    },
  },
  {
    operationId: 'create_thread',
    method: 'POST',
    path: '/channels/{channel_id}/threads',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      if (channel.type === channelType.forum) {
        requirePermission(call, channel, permission.sendMessages);
        const options = { ...common(call), firstMessage: firstMessage(call, channel) };
        const thread = createThread(call.simulation, channel, options);
        return created(call, thread);
      }
      // Without a type Discord makes a private thread.
      const isPrivate = (call.body.type ?? 12) === channelType.privateThread;
      requirePermission(
        call,
        channel,
        isPrivate ? permission.createPrivateThreads : permission.createPublicThreads,
      );
      return created(call, createThread(call.simulation, channel, { ...common(call), isPrivate }));
    },
  },
  {
    operationId: 'list_public_archived_threads',
    method: 'GET',
    path: '/channels/{channel_id}/threads/archived/public',
    auth: 'bot',
    run: (call) => {
      const parent = visibleChannel(call);
      requirePermission(call, parent, permission.readMessageHistory);
      const archived = [...call.world.channels.values()]
        .filter((thread) => thread.parentId === parent.id && thread.thread?.archived)
        .sort((a, b) => ((a.thread?.archiveTimestamp ?? '') > (b.thread?.archiveTimestamp ?? '') ? -1 : 1));
      const before = call.query.get('before');
      const older = archived.filter((thread) => !before || (thread.thread?.archiveTimestamp ?? '') < before);
      const limit = integerQuery(call, 'limit', 50, 100);
      return ok({
        threads: older.slice(0, limit).map((thread) => renderThread(thread, call.application.botUserId)),
        members: [],
        has_more: older.length > limit,
      });
    },
  },
  {
    operationId: 'list_thread_members',
    method: 'GET',
    path: '/channels/{channel_id}/thread-members',
    auth: 'bot',
    run: (call) => {
      const thread = requireThread(call);
      const members = [...(thread.thread?.members ?? [])];
      return ok(
        members.map(([userId, joinedAt]) => ({
          id: thread.id,
          user_id: userId,
          join_timestamp: joinedAt,
          flags: 1,
        })),
      );
    },
  },
  {
    operationId: 'join_thread',
    method: 'PUT',
    path: '/channels/{channel_id}/thread-members/@me',
    auth: 'bot',
    run: (call) => {
      setThreadMember(call.simulation, requireThread(call), userParam(call), true);
      return noContent;
    },
  },
  {
    operationId: 'leave_thread',
    method: 'DELETE',
    path: '/channels/{channel_id}/thread-members/@me',
    auth: 'bot',
    run: (call) => {
      setThreadMember(call.simulation, requireThread(call), userParam(call), false);
      return noContent;
    },
  },
  {
    operationId: 'add_thread_member',
    method: 'PUT',
    path: '/channels/{channel_id}/thread-members/{user_id}',
    auth: 'bot',
    run: (call) => {
      setThreadMember(call.simulation, requireThread(call), userParam(call), true);
      return noContent;
    },
  },
];
