import { threadAlreadyCreated, wrongChannelType } from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { intent } from '../gateway/intents.ts';
import { mayView } from '../permissions.ts';
import { type Channel, channelType, isoTime } from '../world.ts';
import { createMessage, dispatchMessage, type NewMessage, requireMessage } from './messages.ts';
import { dispatchThread } from './thread-state.ts';

const hasThreadFlag = 1 << 5;
const threadCreated = 18;
const threadStarter = 21;

export interface NewThread {
  name: string;
  ownerId: string;
  /** The message it grows from; the thread gets its id. */
  messageId?: string;
  /** In a forum, the post. It gets the thread's id. */
  firstMessage?: Omit<NewMessage, 'author'> & { author?: NewMessage['author'] };
  isPrivate?: boolean;
  autoArchiveMinutes?: number;
}

/**
 * Opens a thread: from a message, in a forum (with its first message) or free-standing.
 * @throws DiscordApiError 160004 or 50024
 */
export function createThread(simulation: Simulation, parent: Channel, options: NewThread): Channel {
  const { world } = simulation;
  const isForum = parent.type === channelType.forum;
  if (!parent.guildId || parent.thread || (isForum && !options.firstMessage)) throw wrongChannelType();
  const root = options.messageId ? requireMessage(parent, options.messageId) : undefined;
  if (root?.threadId) throw threadAlreadyCreated();
  const now = isoTime(world);
  const thread: Channel = {
    id: root?.id ?? world.snowflakes.next(),
    type: options.isPrivate ? channelType.privateThread : channelType.publicThread,
    guildId: parent.guildId,
    name: options.name,
    topic: null,
    parentId: parent.id,
    position: 0,
    overwrites: [],
    messages: new Map(),
    lastMessageId: null,
    recipientIds: [],
    thread: {
      ownerId: options.ownerId,
      archived: false,
      locked: false,
      autoArchiveMinutes: options.autoArchiveMinutes ?? 4320,
      archiveTimestamp: now,
      createTimestamp: now,
      members: new Map([[options.ownerId, now]]),
      totalSent: 0,
    },
  };
  world.channels.set(thread.id, thread);
  dispatchThread(simulation, thread, 'THREAD_CREATE');
  const author = { kind: 'user' as const, id: options.ownerId };
  if (root) {
    root.threadId = thread.id;
    root.flags |= hasThreadFlag;
    dispatchMessage(simulation, parent, root, 'MESSAGE_UPDATE');
    const reference = { messageId: root.id, channelId: parent.id, guildId: parent.guildId };
    createMessage(simulation, thread, { author, content: '', type: threadStarter, reference });
  } else if (options.firstMessage) {
    createMessage(simulation, thread, { author, ...options.firstMessage, id: thread.id });
    parent.lastMessageId = thread.id;
  } else if (!options.isPrivate) {
    const reference = { channelId: thread.id, guildId: parent.guildId };
    createMessage(simulation, parent, { author, content: options.name, type: threadCreated, reference });
  }
  return thread;
}

/** THREAD_MEMBERS_UPDATE tells of somebody else only with the member intent, of the bot itself always. */
export function setThreadMember(
  simulation: Simulation,
  thread: Channel,
  userId: string,
  joined: boolean,
): void {
  if (!thread.thread) throw wrongChannelType();
  const { members } = thread.thread;
  if (members.has(userId) === joined) return;
  const now = isoTime(simulation.world);
  if (joined) members.set(userId, now);
  else members.delete(userId);
  simulation.gateway.dispatch({
    event: 'THREAD_MEMBERS_UPDATE',
    intent: intent.guilds,
    reaches: (application) =>
      application.botUserId === userId && mayView(simulation.world, thread, application.botUserId),
    data: () => ({
      id: thread.id,
      guild_id: thread.guildId,
      member_count: members.size,
      added_members: joined ? [{ id: thread.id, user_id: userId, join_timestamp: now, flags: 1 }] : [],
      removed_member_ids: joined ? [] : [userId],
    }),
  });
}
