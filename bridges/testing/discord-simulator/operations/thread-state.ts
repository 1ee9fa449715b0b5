import { wrongChannelType } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { intent } from '../gateway/intents.ts';
import { mayView } from '../permissions.ts';
import { renderThread } from '../render/render-channel.ts';
import { type Channel, isoTime } from '../world.ts';

export function dispatchThread(
  simulation: Simulation,
  thread: Channel,
  event: 'THREAD_CREATE' | 'THREAD_UPDATE' | 'THREAD_DELETE',
): void {
  simulation.gateway.dispatch({
    event,
    intent: intent.guilds,
    reaches: (application) => mayView(simulation.world, thread, application.botUserId),
    data: (application) =>
      event === 'THREAD_DELETE'
        ? { id: thread.id, guild_id: thread.guildId, parent_id: thread.parentId, type: thread.type }
        : {
            ...renderThread(thread, application.botUserId),
            ...(event === 'THREAD_CREATE' ? { newly_created: true } : {}),
          },
  });
}

export function setThreadArchived(
  simulation: Simulation,
  thread: Channel,
  archived: boolean,
  locked?: boolean,
): void {
  if (!thread.thread) throw wrongChannelType();
  thread.thread.archived = archived;
  thread.thread.archiveTimestamp = isoTime(simulation.world);
  if (locked !== undefined) thread.thread.locked = locked;
  dispatchThread(simulation, thread, 'THREAD_UPDATE');
}

/** A message in an archived thread opens it again. */
export function unarchiveForMessage(simulation: Simulation, channel: Channel): void {
  if (channel.thread?.archived) setThreadArchived(simulation, channel, false);
}

export function renameThread(simulation: Simulation, thread: Channel, name: string): void {
  thread.name = name;
  dispatchThread(simulation, thread, 'THREAD_UPDATE');
}

export function deleteThread(simulation: Simulation, thread: Channel): void {
  dispatchThread(simulation, thread, 'THREAD_DELETE');
  simulation.world.channels.delete(thread.id);
}
