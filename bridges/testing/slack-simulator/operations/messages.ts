import { richTextErrors } from '../../spec-validation/rich-text-schema.ts';
import { messageAudience } from '../event-audience.ts';
import type { EventBody } from '../event-deliveries.ts';
import { renderMessage, repliesTo } from '../render/render-message.ts';
import { SlackApiError } from '../slack-api-error.ts';
import type { Simulation } from '../slack-simulator.ts';
import { textToRichText } from '../text-to-rich-text.ts';
import { isWholeTs, nextTs } from '../timestamps.ts';
import { type Channel, type Message, type MessageMetadata, type Team, type Token, teamOf } from '../world.ts';

export interface NewMessage {
  text: string;
  blocks?: unknown[];
  attachments?: unknown[];
  threadTs?: string;
  broadcast?: boolean;
  metadata?: MessageMetadata;
  customName?: { username: string; icons?: Record<string, string> };
  fileIds?: string[];
  subtype?: 'me_message';
}

const maxTextChars = 40_000;
const maxBlocks = 50;
/** Undocumented; messages above about this size of blocks are refused (bolt-js#2509). */
const maxBlocksChars = 13_200;

function checkContent(content: {
  text: string;
  blocks?: unknown[];
  attachments?: unknown[];
  fileIds?: string[];
}): void {
  const { text, blocks = [], attachments = [], fileIds = [] } = content;
  if (!text && blocks.length === 0 && attachments.length === 0 && fileIds.length === 0) {
    throw new SlackApiError('no_text');
  }
  if ([...text].length > maxTextChars) throw new SlackApiError('msg_too_long');
  const blockErrors = richTextErrors(blocks);
  if (blocks.length > maxBlocks || blockErrors) {
    throw new SlackApiError('invalid_blocks', {
      response_metadata: { messages: [`[ERROR] ${blockErrors ?? 'too many'}`] },
    });
  }
  if (JSON.stringify(blocks).length > maxBlocksChars) throw new SlackApiError('msg_blocks_too_long');
}

function withBlockIds(simulation: Simulation, blocks: unknown[]): unknown[] {
  return blocks.map((block) => {
    const record = block as Record<string, unknown>;
    return record.block_id ? record : { ...record, block_id: simulation.world.ids.base64url(5) };
  });
}

/** Slack's clients and, for plain text, the API store rich text beside the text. */
function blocksOf(
  simulation: Simulation,
  content: { text: string; blocks?: unknown[]; attachments?: unknown[] },
): unknown[] | undefined {
  if (content.blocks && content.blocks.length > 0) return withBlockIds(simulation, content.blocks);
  if (!content.text || content.attachments) return undefined;
  return [textToRichText(content.text, simulation.world.ids.base64url(5))];
}

function emitMessage(simulation: Simulation, team: Team, channel: Channel, event: EventBody): void {
  const channelType = {
    channel: channel.id,
    event_ts: String(event.event_ts ?? event.ts),
    channel_type: channel.kind,
  };
  simulation.deliveries.emit(team, { ...event, ...channelType }, messageAudience(channel));
}

/** Stores a message as it is and announces it. System messages (joins, topics) come this way too. */
export function storeMessage(
  simulation: Simulation,
  channel: Channel,
  message: Omit<Message, 'ts'>,
): Message {
  const team = teamOf(simulation.world, channel.teamId);
  const stored: Message = { ...message, ts: nextTs(simulation.world, channel) };
  channel.messages.set(stored.ts, stored);
  if (stored.userId) channel.lastRead.set(stored.userId, stored.ts);
  for (const id of stored.fileIds) {
    const share = {
      channelId: channel.id,
      ts: stored.ts,
      ...(stored.threadTs ? { threadTs: stored.threadTs } : {}),
    };
    team.files.get(id)?.shares.push(share);
  }
  const rendered = renderMessage(simulation.world, team, channel, stored, {
    metadata: true,
    fileShareSubtype: true,
  });
  emitMessage(simulation, team, channel, { ...rendered, type: 'message' });
  return stored;
}

/** @throws SlackApiError when the content or the thread is refused. */
export function postMessage(
  simulation: Simulation,
  author: Token,
  channel: Channel,
  content: NewMessage,
): Message {
  checkContent(content);
  if (channel.isArchived) throw new SlackApiError('is_archived');
  const parent = content.threadTs ? channel.messages.get(content.threadTs) : undefined;
  if (content.threadTs && !isWholeTs(content.threadTs)) throw new SlackApiError('invalid_thread_ts');
  const blocks = content.subtype ? undefined : blocksOf(simulation, content);
  const subtype =
    content.subtype ??
    (content.customName ? 'bot_message' : content.broadcast && parent ? 'thread_broadcast' : undefined);
  return storeMessage(simulation, channel, {
    channelId: channel.id,
    text: content.text,
    fileIds: content.fileIds ?? [],
    reactions: [],
    ...(content.customName ? { customName: content.customName } : { userId: author.userId }),
    ...(author.app && author.botId ? { app: author.app, botId: author.botId } : {}),
    ...(author.kind === 'personal' ? { clientMsgId: simulation.world.ids.uuid() } : {}),
    ...(blocks ? { blocks } : {}),
    ...(content.attachments ? { attachments: content.attachments } : {}),
    // A reply to a reply joins the same thread. One to a message that is not there is taken all the same, and no history
    // shows it (python-slack-sdk#840).
    ...(content.threadTs ? { threadTs: parent?.threadTs ?? content.threadTs } : {}),
    ...(content.metadata ? { metadata: content.metadata } : {}),
    ...(subtype ? { subtype } : {}),
  });
}

export function requireMessage(channel: Channel, ts: string): Message {
  const message = channel.messages.get(ts);
  if (!message || message.subtype === 'tombstone') throw new SlackApiError('message_not_found');
  return message;
}

function isAuthor(token: Token, message: Message): boolean {
  if (token.kind === 'bot')
    return message.botId === token.botId && (!message.userId || message.userId === token.userId);
  return message.userId === token.userId;
}

/** Announces that a message is no longer what it was. Slack does so for edits, unfurls and tombstones alike. */
function emitChanged(
  simulation: Simulation,
  channel: Channel,
  before: Record<string, unknown>,
  after: Message,
): void {
  const team = teamOf(simulation.world, channel.teamId);
  const ts = nextTs(simulation.world, channel);
  emitMessage(simulation, team, channel, {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    message: { ...render(simulation, channel, after), source_team: team.id, user_team: team.id },
    previous_message: before,
    ts,
    event_ts: ts,
  });
}

function render(simulation: Simulation, channel: Channel, message: Message): Record<string, unknown> {
  const team = teamOf(simulation.world, channel.teamId);
  return renderMessage(simulation.world, team, channel, message, { reactions: false });
}

export interface MessageEdit {
  text?: string;
  blocks?: unknown[];
  attachments?: unknown[];
  metadata?: MessageMetadata;
}

/** @throws SlackApiError `message_not_found`, `cant_update_message`, `edit_window_closed`, or the content's refusal. */
export function editMessage(
  simulation: Simulation,
  editor: Token,
  channel: Channel,
  ts: string,
  edit: MessageEdit,
): Message {
  const message = requireMessage(channel, ts);
  const team = teamOf(simulation.world, channel.teamId);
  if (!isAuthor(editor, message) || isSystemMessage(message)) throw new SlackApiError('cant_update_message');
  const windowEndS = Number.parseInt(ts, 10) + (team.editWindowS ?? Number.POSITIVE_INFINITY);
  if (simulation.world.clock.nowMs() / 1000 > windowEndS) throw new SlackApiError('edit_window_closed');
  const text = edit.text ?? message.text;
  const content = { text, fileIds: message.fileIds, ...(edit.blocks ? { blocks: edit.blocks } : {}) };
  checkContent({ ...content, ...(edit.attachments ? { attachments: edit.attachments } : {}) });
  const before = render(simulation, channel, message);
  const blocks = blocksOf(simulation, content);
  message.text = text;
  if (blocks) message.blocks = blocks;
  else delete message.blocks;
  if (edit.attachments) message.attachments = edit.attachments;
  if (edit.metadata) message.metadata = edit.metadata;
  message.edited = { user: editor.userId, ts: nextTs(simulation.world, channel).replace(/\d{6}$/, '000000') };
  emitChanged(simulation, channel, before, message);
  return message;
}

/** A link preview arrives: the message changes, but nobody edited it. */
export function unfurlMessage(
  simulation: Simulation,
  channel: Channel,
  ts: string,
  attachment: object,
): void {
  const message = requireMessage(channel, ts);
  const before = render(simulation, channel, message);
  message.attachments = [...(message.attachments ?? []), attachment];
  emitChanged(simulation, channel, before, message);
}

const editableSubtypes = new Set(['me_message', 'thread_broadcast', 'bot_message', 'file_share']);

function isSystemMessage(message: Message): boolean {
  return message.subtype !== undefined && !editableSubtypes.has(message.subtype);
}

/** A parent with replies leaves a tombstone; anything else vanishes. */
export function deleteMessage(simulation: Simulation, deleter: Token, channel: Channel, ts: string): void {
  const message = requireMessage(channel, ts);
  if (!isAuthor(deleter, message)) throw new SlackApiError('cant_delete_message');
  const before = render(simulation, channel, message);
  if (repliesTo(channel, ts).length > 0) {
    const tombstone: Message = {
      ts,
      channelId: channel.id,
      text: '',
      fileIds: [],
      reactions: [],
      subtype: 'tombstone',
    };
    channel.messages.set(ts, tombstone);
    emitChanged(simulation, channel, before, tombstone);
    return;
  }
  channel.messages.delete(ts);
  emitDeleted(simulation, channel, ts, before);
  const parent = message.threadTs ? channel.messages.get(message.threadTs) : undefined;
  if (parent?.subtype === 'tombstone' && repliesTo(channel, parent.ts).length === 0) {
    const parentBefore = render(simulation, channel, parent);
    channel.messages.delete(parent.ts);
    emitDeleted(simulation, channel, parent.ts, parentBefore);
  }
}

function emitDeleted(
  simulation: Simulation,
  channel: Channel,
  deletedTs: string,
  before: Record<string, unknown>,
): void {
  const ts = nextTs(simulation.world, channel);
  emitMessage(simulation, teamOf(simulation.world, channel.teamId), channel, {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    deleted_ts: deletedTs,
    previous_message: before,
    ts,
    event_ts: ts,
  });
}
