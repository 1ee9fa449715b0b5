import { MessageFlags } from 'discord-api-types/v10';
import { errorText, log } from '../../../platform/log.ts';
import type { ConvertedMessage, ConvertedPart } from '../../core/converted-message.ts';
import type { RawMessage, RemoteConversion } from '../../core/network-client.ts';
import {
  attachmentContent,
  attachmentLink,
  mimetypeOf,
  stickerContent,
} from '../convert/attachment-content.ts';
import { messageText, textsOf } from '../convert/message-text.ts';
import { isWritten } from '../convert/system-text.ts';
import { type DiscordAttachment, type DiscordMessage, parseMessage } from '../discord-message.ts';
import { userName } from '../snowflake.ts';
import { fetchFromCdn, stickerUrl } from './cdn.ts';
import type { DiscordSession } from './discord-session.ts';
import { lookUpNames } from './look-up-names.ts';

/** Larger files stay with Discord, as a link. */
export const maxInboundBytes = 50 * 1024 * 1024;
const playableStickers = new Set([1, 2, 4]);

/** A message as Matrix events: its text, then each file, then each sticker. */
export async function messageToMatrix(
  session: DiscordSession,
  { raw, sentParts = [] }: RawMessage,
  context: RemoteConversion,
): Promise<ConvertedMessage> {
  const message = parseMessage(raw);
  const text = await textPart(session, message, context);
  const parts: ConvertedPart[] = text ? [text] : [];
  for (const attachment of message.attachments) {
    const part = `file-${attachment.id}`;
    parts.push(
      sentParts.includes(part)
        ? { part, type: 'm.room.message', content: {}, isKept: true }
        : await filePart(session, message, attachment, context),
    );
  }
  for (const sticker of message.sticker_items) {
    const part = `sticker-${sticker.id}`;
    if (!playableStickers.has(sticker.format_type)) continue;
    if (sentParts.includes(part)) parts.push({ part, type: 'm.sticker', content: {}, isKept: true });
    else parts.push(await stickerPart(session, sticker, context));
  }
  return { parts };
}

async function textPart(
  session: DiscordSession,
  message: DiscordMessage,
  context: RemoteConversion,
): Promise<ConvertedPart | undefined> {
  const names = await lookUpNames(session, message, isWritten(message) ? textsOf(message) : [], context);
  const content = messageText(message, names);
  if (!content) return undefined;
  const people = await Promise.all(message.mentions.map((user) => context.userIdOf(userName(user.id))));
  const mentions = {
    ...(people.length > 0 ? { user_ids: people } : {}),
    ...(message.mention_everyone ? { room: true } : {}),
  };
  return { part: '', type: 'm.room.message', content: { 'm.mentions': mentions, ...content } };
}

async function filePart(
  { env }: DiscordSession,
  message: DiscordMessage,
  attachment: DiscordAttachment,
  context: RemoteConversion,
): Promise<ConvertedPart> {
  const part = { part: `file-${attachment.id}`, type: 'm.room.message' } as const;
  if (attachment.size > maxInboundBytes) return { ...part, content: attachmentLink(attachment) };
  try {
    const file = await fetchFromCdn(env, attachment.url, {
      maxBytes: maxInboundBytes,
      fileName: attachment.filename,
      contentType: mimetypeOf(attachment),
    });
    const isVoice = (message.flags & MessageFlags.IsVoiceMessage) !== 0;
    return { ...part, content: attachmentContent(attachment, await context.upload(file), isVoice) };
  } catch (error) {
    log('warn', 'discord.file_failed', { attachment: attachment.id, error: errorText(error) });
    return { ...part, content: attachmentLink(attachment) };
  }
}

async function stickerPart(
  { env }: DiscordSession,
  sticker: DiscordMessage['sticker_items'][number],
  context: RemoteConversion,
): Promise<ConvertedPart> {
  const part = `sticker-${sticker.id}`;
  try {
    const url = stickerUrl(env, sticker.id, sticker.format_type);
    const file = await fetchFromCdn(env, url, { maxBytes: maxInboundBytes });
    const mxc = await context.upload(file);
    return { part, type: 'm.sticker', content: stickerContent(sticker, mxc, file.contentType) };
  } catch (error) {
    log('warn', 'discord.sticker_failed', { sticker: sticker.id, error: errorText(error) });
    const content = { msgtype: 'm.text', body: `[sticker: ${sticker.name}]`, 'm.mentions': {} };
    return { part, type: 'm.room.message', content };
  }
}
