import { changeChannel, deleteChannel, startTyping } from '../operations/channels.ts';
import { deleteThread, renameThread, setThreadArchived } from '../operations/thread-state.ts';
import { permission } from '../permissions.ts';
import { renderChannel } from '../render/render-channel.ts';
import type { Channel } from '../world.ts';
import { type BotCall, noContent, ok, type Route, requirePermission, visibleChannel } from './rest-call.ts';

function changeThread(call: BotCall, thread: Channel): void {
  const { name, archived, locked } = call.body;
  const isOwner = thread.thread?.ownerId === call.application.botUserId;
  // The owner may rename and archive; locking is for moderators.
  if (!isOwner || typeof locked === 'boolean') requirePermission(call, thread, permission.manageThreads);
  if (typeof name === 'string') renameThread(call.simulation, thread, name);
  if (typeof archived === 'boolean' || typeof locked === 'boolean') {
    const isArchived = typeof archived === 'boolean' ? archived : (thread.thread?.archived ?? false);
    setThreadArchived(call.simulation, thread, isArchived, typeof locked === 'boolean' ? locked : undefined);
  }
}

export const channelRoutes: Route[] = [
  {
    operationId: 'get_channel',
    method: 'GET',
    path: '/channels/{channel_id}',
    auth: 'bot',
    run: (call) => ok(renderChannel(call.world, visibleChannel(call), call.application.botUserId)),
  },
  {
    operationId: 'update_channel',
    method: 'PATCH',
    path: '/channels/{channel_id}',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      if (channel.thread) changeThread(call, channel);
      else {
        requirePermission(call, channel, permission.manageChannels);
        const { name, topic } = call.body;
        changeChannel(call.simulation, channel, {
          ...(typeof name === 'string' ? { name } : {}),
          ...(topic === undefined ? {} : { topic: topic as string | null }),
        });
      }
      return ok(renderChannel(call.world, channel, call.application.botUserId));
    },
  },
  {
    operationId: 'delete_channel',
    method: 'DELETE',
    path: '/channels/{channel_id}',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, channel.thread ? permission.manageThreads : permission.manageChannels);
      const rendered = renderChannel(call.world, channel, call.application.botUserId);
      if (channel.thread) deleteThread(call.simulation, channel);
      else deleteChannel(call.simulation, channel);
      return ok(rendered);
    },
  },
  {
    operationId: 'trigger_typing_indicator',
    method: 'POST',
    path: '/channels/{channel_id}/typing',
    auth: 'bot',
    run: (call) => {
      const channel = visibleChannel(call);
      requirePermission(call, channel, permission.sendMessages);
      startTyping(call.simulation, channel, call.application.botUserId);
      return noContent;
    },
  },
];
