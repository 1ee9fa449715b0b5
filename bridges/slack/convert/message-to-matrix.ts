import { isJsonObject, type JsonObject } from '../../../matrix/json.ts';
import type { ConvertedMessage, ConvertedPart } from '../../core/converted-message.ts';
import type { RemoteConversion } from '../../core/network-client.ts';
import type { PartId } from '../../core/remote-ids.ts';
import { chatIdOf, userIdOf } from '../slack-ids.ts';
import type { SlackFile, SlackMessage } from '../slack-message.ts';
import { renderAttachments } from './attachments-to-html.ts';
import { concat, htmlOfText, nothing, type Rendered, text } from './html-text.ts';
import { mentionedIds } from './mentioned-ids.ts';
import { parseMrkdwn } from './mrkdwn-to-rich-text.ts';
import { renderOtherBlock } from './other-blocks-to-html.ts';
import { type Mentions, noMentions } from './rich-text.ts';
import { renderRichText } from './rich-text-to-html.ts';

export interface SlackConversion {
  teamId: string;
  message: SlackMessage;
  /** Parts that are in the room: a file is not brought over again. */
  sentParts: readonly PartId[];
  context: RemoteConversion;
  usergroupName(id: string): Promise<string | undefined>;
  /** Brings a file over; `undefined` if it cannot be had. */
  convertFile(file: SlackFile, context: RemoteConversion): Promise<JsonObject>;
}

/** A message as Matrix events: its text, then one for each of its files. */
export async function messageToMatrix(conversion: SlackConversion): Promise<ConvertedMessage> {
  const { message, context } = conversion;
  const parts: ConvertedPart[] = [];
  const content = await textContent(conversion);
  if (content) parts.push({ part: '', type: 'm.room.message', content });
  for (const file of message.files ?? []) {
    const part = `file-${file.id}`;
    const isKept = conversion.sentParts.includes(part) && file.mode !== 'tombstone';
    const content = isKept ? {} : await conversion.convertFile(file, context);
    parts.push({ part, type: 'm.room.message', content, ...(isKept ? { isKept } : {}) });
  }
  if (message.subtype === 'thread_broadcast' && content) parts.push(broadcastNote(content));
  return { parts };
}

/** Thread messages that were also sent to the channel are announced there, since threads are easily missed. */
function broadcastNote(content: JsonObject): ConvertedPart {
  const { body } = content;
  const label = 'Also sent to the channel';
  const html = typeof content.formatted_body === 'string' ? content.formatted_body : htmlOfText(String(body));
  return {
    part: 'broadcast',
    type: 'm.room.message',
    outsideThread: true,
    content: {
      msgtype: 'm.notice',
      body: `${label}: ${body}`,
      format: 'org.matrix.custom.html',
      formatted_body: `<em>${label}:</em> ${html}`,
      'm.mentions': {},
    },
  };
}

async function textContent(conversion: SlackConversion): Promise<JsonObject | undefined> {
  const { message } = conversion;
  const richBlocks = blocksOf(message);
  const ids = mentionedIds(richBlocks);
  const mentions = await lookUp(conversion, ids);
  const rendered = join([
    ...richBlocks.map((block) =>
      isJsonObject(block) && block.type === 'rich_text'
        ? renderRichText(block, mentions)
        : renderOtherBlock(block, mentions),
    ),
    renderAttachments(message.attachments ?? [], mentions),
  ]);
  if (rendered.body.trim() === '') return undefined;
  const people = [...mentions.users.values()].map((user) => user.userId);
  return {
    msgtype: message.subtype === 'me_message' ? 'm.emote' : 'm.text',
    body: rendered.body,
    ...(rendered.html === htmlOfText(rendered.body)
      ? {}
      : { format: 'org.matrix.custom.html', formatted_body: rendered.html }),
    'm.mentions': {
      ...(people.length > 0 ? { user_ids: people } : {}),
      ...(ids.everyone ? { room: true } : {}),
    },
  };
}

/** The blocks, or the text read as one. A text that only repeats its blocks is not shown twice. */
function blocksOf({ blocks, text: source, subtype, files }: SlackMessage): unknown[] {
  if (blocks && blocks.length > 0) return blocks;
  const isFileNote = subtype === 'file_share' && (source ?? '') === '' && (files?.length ?? 0) > 0;
  return source && !isFileNote ? [parseMrkdwn(source)] : [];
}

async function lookUp(
  { teamId, context, usergroupName }: SlackConversion,
  ids: ReturnType<typeof mentionedIds>,
): Promise<Mentions> {
  const mentions = noMentions();
  for (const id of ids.users) {
    const remoteUserId = userIdOf(teamId, id);
    mentions.users.set(id, {
      userId: await context.userIdOf(remoteUserId),
      name: await context.displayNameOf(remoteUserId).catch(() => id),
    });
  }
  for (const id of ids.channels) {
    const channel = await context.chat(chatIdOf(teamId, id));
    mentions.channels.set(id, { roomId: channel?.roomId, name: channel?.name ?? id });
  }
  for (const id of ids.usergroups) {
    const name = await usergroupName(id);
    if (name) mentions.usergroups.set(id, name);
  }
  return mentions;
}

function join(parts: readonly Rendered[]): Rendered {
  const filled = parts.filter((part) => part.body !== '');
  if (filled.length === 0) return nothing;
  return concat(filled, { ...text('\n'), html: '<br>' });
}
