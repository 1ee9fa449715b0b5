import {
  bulkDeleteTooOld,
  emptyMessage,
  invalidFormBody,
  threadArchived,
  unknownMessage,
  wrongAuthor,
} from '../discord-api-error.ts';
import type { Simulation } from '../discord-simulator.ts';
import { renderPartialMember } from '../render/render-user.ts';
import { renderForApplication } from '../render/without-content.ts';
import { type Attachment, type Channel, isoTime, type Message, type World } from '../world.ts';
import { dispatchInChannel, guildIdOf } from './dispatching.ts';
import { type AllowedMentions, resolveMentions } from './mentions.ts';
import { unarchiveForMessage } from './thread-state.ts';

export interface NewAttachment {
  filename: string;
  bytes: Buffer;
  contentType?: string;
  description?: string;
}

export interface NewMessage {
  author: Message['author'];
  content: string;
  attachmentIds?: string[];
  embeds?: Record<string, unknown>[];
  /** The message answered, in the same channel. */
  replyTo?: string;
  allowedMentions?: AllowedMentions;
  nonce?: string | number;
  flags?: number;
  tts?: boolean;
  type?: number;
  applicationId?: string;
  reference?: NonNullable<Message['reference']>;
  /** Of a forum post or thread whose first message has its id. */
  id?: string;
}

const suppressEmbeds = 1 << 2;
const suppressNotifications = 1 << 12;
const voiceMessage = 1 << 13;
const hasThread = 1 << 5;
const settableFlags = suppressEmbeds | suppressNotifications | voiceMessage;
const maxContentChars = 2000;
const maxEmbeds = 10;
const maxNonceChars = 25;
const bulkDeleteWindowMs = 14 * 24 * 3600 * 1000;
const discordEpochMs = 1_420_070_400_000n;

export function newAttachment(simulation: Simulation, channel: Channel, file: NewAttachment): Attachment {
  const attachment: Attachment = {
    id: simulation.world.snowflakes.next(),
    channelId: channel.id,
    // Discord keeps letters, digits, dot, dash and underscore of a name.
    filename: file.filename.replace(/[^\p{L}\p{N}._-]+/gu, '_'),
    contentType: file.contentType ?? 'application/octet-stream',
    bytes: file.bytes,
    ...(file.description ? { description: file.description } : {}),
  };
  simulation.world.attachments.set(attachment.id, attachment);
  return attachment;
}

/** @throws DiscordApiError 50006 or 50035 */
export function checkContent(content: {
  content: string;
  attachmentIds?: string[];
  embeds?: unknown[];
}): void {
  const { attachmentIds = [], embeds = [] } = content;
  if (content.content.trim() === '' && attachmentIds.length === 0 && embeds.length === 0)
    throw emptyMessage();
  if ([...content.content].length > maxContentChars) {
    throw invalidFormBody('content', 'BASE_TYPE_MAX_LENGTH', 'Must be 2000 or fewer in length.');
  }
  if (embeds.length > maxEmbeds) {
    throw invalidFormBody('embeds', 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  }
}

export function requireMessage(channel: Channel, id: string): Message {
  const message = channel.messages.get(id);
  if (!message) throw unknownMessage();
  return message;
}

/** A reply's fields. @throws DiscordApiError 50035 when the message answered is not there. */
function replyFields(channel: Channel, replyTo: string | undefined): Partial<Message> {
  if (!replyTo) return {};
  if (!channel.messages.has(replyTo)) {
    throw invalidFormBody('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  }
  return {
    type: 19,
    reference: {
      messageId: replyTo,
      channelId: channel.id,
      ...(channel.guildId ? { guildId: channel.guildId } : {}),
    },
  };
}

function embedsOf(content: NewMessage): Record<string, unknown>[] {
  return (content.embeds ?? []).map((embed) => ({ type: 'rich', ...embed }));
}

/** Stores a message and dispatches MESSAGE_CREATE. @throws DiscordApiError when the content is refused. */
export function createMessage(simulation: Simulation, channel: Channel, content: NewMessage): Message {
  const { world } = simulation;
  if (content.type === undefined) checkContent(content);
  if (String(content.nonce ?? '').length > maxNonceChars) {
    throw invalidFormBody('nonce', 'NONCE_TYPE_TOO_LONG', 'Nonce must be 25 or fewer in length.');
  }
  if (channel.thread?.archived && channel.thread.locked) throw threadArchived();
  unarchiveForMessage(simulation, channel);
  const mentions = resolveMentions(world, channel, content);
  const message: Message = {
    id: content.id ?? world.snowflakes.next(),
    channelId: channel.id,
    type: content.type ?? 0,
    content: content.content,
    author: content.author,
    timestamp: isoTime(world),
    editedTimestamp: null,
    attachmentIds: content.attachmentIds ?? [],
    embeds: embedsOf(content),
    ...mentions,
    flags: (content.flags ?? 0) & settableFlags,
    tts: content.tts ?? false,
    pinned: false,
    reactions: [],
    ...(content.applicationId ? { applicationId: content.applicationId } : {}),
    ...(content.nonce === undefined ? {} : { nonce: content.nonce }),
    ...(content.reference ? { reference: content.reference } : {}),
    ...(channel.thread ? { position: channel.messages.size } : {}),
    ...replyFields(channel, content.replyTo),
  };
  channel.messages.set(message.id, message);
  channel.lastMessageId = message.id;
  if (channel.thread) {
    channel.thread.totalSent += 1;
    if (message.author.kind === 'user') channel.thread.members.set(message.author.id, message.timestamp);
  }
  dispatchMessage(simulation, channel, message, 'MESSAGE_CREATE');
  return message;
}

/** MESSAGE_CREATE and MESSAGE_UPDATE: the message, with guild and member added. */
export function dispatchMessage(
  simulation: Simulation,
  channel: Channel,
  message: Message,
  event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE',
): void {
  const member = memberOf(simulation.world, channel, message);
  dispatchInChannel(simulation, channel, 'messages', event, (application, intents) => ({
    ...renderForApplication(simulation.world, message, application, (intents & (1 << 15)) !== 0),
    channel_type: channel.type,
    ...guildIdOf(channel),
    ...member,
  }));
}

function memberOf(world: World, channel: Channel, message: Message): Record<string, unknown> {
  if (message.author.kind !== 'user') return {};
  const member = world.guilds.get(channel.guildId ?? '')?.members.get(message.author.id);
  return member ? { member: renderPartialMember(member) } : {};
}

export interface MessageEdit {
  content?: string;
  embeds?: Record<string, unknown>[];
  /** What stays or was added; the rest is removed. */
  attachmentIds?: string[];
  flags?: number;
  allowedMentions?: AllowedMentions;
}

/** @throws DiscordApiError 10008, 50005 when `editorId` is not the author, or what the content deserves. */
export function editMessage(
  simulation: Simulation,
  channel: Channel,
  messageId: string,
  edit: MessageEdit,
  editorId: string,
): Message {
  const message = requireMessage(channel, messageId);
  const onlyFlags =
    edit.content === undefined && edit.embeds === undefined && edit.attachmentIds === undefined;
  if (message.author.id !== editorId && !onlyFlags) throw wrongAuthor();
  const content = edit.content ?? message.content;
  const attachmentIds = edit.attachmentIds ?? message.attachmentIds;
  const embeds = edit.embeds ?? message.embeds;
  checkContent({ content, attachmentIds, embeds });
  message.content = content;
  message.attachmentIds = attachmentIds;
  message.embeds = embeds.map((embed) => ({ type: 'rich', ...embed }));
  if (edit.flags !== undefined) message.flags = (message.flags & hasThread) | (edit.flags & settableFlags);
  Object.assign(
    message,
    resolveMentions(simulation.world, channel, {
      author: message.author,
      content,
      ...(edit.allowedMentions ? { allowedMentions: edit.allowedMentions } : {}),
    }),
  );
  if (!onlyFlags) message.editedTimestamp = isoTime(simulation.world);
  dispatchMessage(simulation, channel, message, 'MESSAGE_UPDATE');
  return message;
}

/** Discord adds a link's preview some time later: an update, but no edit. */
export function embedArrives(
  simulation: Simulation,
  channel: Channel,
  messageId: string,
  embed: Record<string, unknown>,
): void {
  const message = requireMessage(channel, messageId);
  message.embeds = [...message.embeds, { type: 'link', ...embed }];
  dispatchMessage(simulation, channel, message, 'MESSAGE_UPDATE');
}

function remove(channel: Channel, messageId: string): void {
  channel.messages.delete(messageId);
  // `last_message_id` keeps naming a message that is gone, as at Discord.
}

export function deleteMessage(simulation: Simulation, channel: Channel, messageId: string): void {
  requireMessage(channel, messageId);
  remove(channel, messageId);
  dispatchInChannel(simulation, channel, 'messages', 'MESSAGE_DELETE', () => ({
    id: messageId,
    channel_id: channel.id,
    ...guildIdOf(channel),
  }));
}

/** @throws DiscordApiError 50034 for messages older than two weeks. Unknown ids are passed over. */
export function bulkDeleteMessages(simulation: Simulation, channel: Channel, messageIds: string[]): void {
  const oldestMs = BigInt(simulation.world.clock.nowMs() - bulkDeleteWindowMs);
  if (messageIds.some((id) => (BigInt(id) >> 22n) + discordEpochMs < oldestMs)) throw bulkDeleteTooOld();
  const ids = messageIds.filter((id) => channel.messages.has(id));
  for (const id of ids) remove(channel, id);
  dispatchInChannel(simulation, channel, 'messages', 'MESSAGE_DELETE_BULK', () => ({
    ids,
    channel_id: channel.id,
    ...guildIdOf(channel),
  }));
}
